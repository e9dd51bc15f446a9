"""A TCP proxy that breaks connections the way networks do."""

from __future__ import annotations

import asyncio
import threading
from contextlib import suppress
from enum import Enum
from pathlib import Path

Target = Path | int


class Mode(Enum):
    """What happens to what is sent."""

    PASS = "pass"
    CUT = "cut"  # every connection is reset, new ones too
    HOLE = "hole"  # nothing arrives any more, and nobody is told; late once it heals
    SWALLOW = "swallow"  # requests arrive, answers never do


class Proxy:
    """Listens on a port of 127.0.0.1 and forwards to a port, or to a socket in the file system."""

    def __init__(self, target: Target, port: int = 0) -> None:
        self.target = target
        self.port = port
        self.mode = Mode.PASS
        self._changed = asyncio.Event()
        self._open: set[asyncio.StreamWriter] = set()
        self._loop = asyncio.new_event_loop()
        self._server: asyncio.Server | None = None
        self._thread = threading.Thread(target=self._loop.run_forever, daemon=True)
        self._thread.start()
        asyncio.run_coroutine_threadsafe(self._listen(), self._loop).result(10)

    def set(self, mode: Mode) -> None:
        """From now on."""
        asyncio.run_coroutine_threadsafe(self._set(mode), self._loop).result(10)

    def close(self) -> None:
        """Stop listening and drop everything."""
        asyncio.run_coroutine_threadsafe(self._end(), self._loop).result(10)
        self._loop.call_soon_threadsafe(self._loop.stop)
        self._thread.join(5)

    async def _listen(self) -> None:
        self._server = await asyncio.start_server(self._meet, "127.0.0.1", self.port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def _end(self) -> None:
        if self._server is not None:
            self._server.close()
        others = asyncio.all_tasks() - {asyncio.current_task()}
        for task in others:
            task.cancel()
        await asyncio.gather(*others, return_exceptions=True)

    async def _set(self, mode: Mode) -> None:
        self.mode = mode
        self._changed.set()
        self._changed = asyncio.Event()
        # What swallowed or was cut has no healthy connection to go on with.
        if mode in {Mode.CUT, Mode.PASS}:
            for writer in list(self._open):
                writer.transport.abort()

    async def _meet(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._open.add(writer)
        try:
            if self.mode is Mode.CUT:
                return
            try:
                up_reader, up_writer = await self._connect()
            except OSError:
                return
            self._open.add(up_writer)
            try:
                await asyncio.gather(
                    self._pump(reader, up_writer, is_answer=False),
                    self._pump(up_reader, writer, is_answer=True),
                )
            finally:
                self._open.discard(up_writer)
                up_writer.transport.abort()
        finally:
            self._open.discard(writer)
            writer.transport.abort()

    async def _connect(self) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
        if isinstance(self.target, Path):
            return await asyncio.open_unix_connection(str(self.target))
        return await asyncio.open_connection("127.0.0.1", self.target)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, *, is_answer: bool
    ) -> None:
        with suppress(OSError):
            while data := await reader.read(65536):
                while self.mode is Mode.HOLE:
                    await self._changed.wait()
                if self.mode is Mode.SWALLOW and is_answer:
                    continue
                writer.write(data)
                await writer.drain()
        # One side has ended: so does the other, as far as HTTP and PostgreSQL are concerned.
        writer.transport.abort()
