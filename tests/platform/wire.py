"""What arrives at a web server byte by byte, as a careless or hostile client sends it."""

from __future__ import annotations

import re
import socket
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager


class Wire:
    """Talks raw HTTP to one address."""

    def __init__(self, port: int, host: str = "127.0.0.1") -> None:
        self._address = (host, port)
        self._host = f"{host}:{port}".encode()

    def say(self, *lines: bytes, body: bytes = b"", seconds: float = 3.0) -> bytes:
        """Send a request; all that comes back until the server closes or is silent for a while."""
        with closing(self._connect(seconds)) as sock:
            try:
                sock.sendall(self._request(lines) + body)
            except OSError:
                pass
            return _read_all(sock)

    def statuses(self, *lines: bytes, body: bytes = b"", seconds: float = 3.0) -> list[int]:
        """The status of each answer that came back."""
        answer = self.say(*lines, body=body, seconds=seconds)
        return [int(code) for code in re.findall(rb"HTTP/1\.[01] (\d{3})", answer)]

    def seconds_for_a_page(self, path: bytes = b"/healthz") -> float:
        """How long a plain GET takes."""
        before = time.monotonic()
        codes = self.statuses(b"GET " + path + b" HTTP/1.1", b"Connection: close", seconds=30)
        assert codes == [200], codes
        return time.monotonic() - before

    @contextmanager
    def slow_bodies(self, number: int, path: bytes = b"/sign-in/") -> Iterator[list[socket.socket]]:
        """Hold open as many posts whose bodies do not come."""
        socks = [self._connect(30) for _ in range(number)]
        try:
            head = self._request([
                b"POST " + path + b" HTTP/1.1", b"Content-Length: 1000",
                b"Content-Type: application/x-www-form-urlencoded",
                # With a cookie the form check reads the body; without one it refuses unread.
                b"Cookie: wallet-csrf=" + b"a" * 32,
            ])  # fmt: skip
            for sock in socks:
                sock.sendall(head + b"a=")
            time.sleep(0.5)
            yield socks
        finally:
            for sock in socks:
                sock.close()

    def _connect(self, seconds: float) -> socket.socket:
        return socket.create_connection(self._address, timeout=seconds)

    def _request(self, lines: tuple[bytes, ...] | list[bytes]) -> bytes:
        return b"\r\n".join([lines[0], b"Host: " + self._host, *lines[1:], b"", b""])


def _read_all(sock: socket.socket) -> bytes:
    parts: list[bytes] = []
    try:
        while part := sock.recv(65536):
            parts.append(part)
    except OSError:
        pass
    return b"".join(parts)
