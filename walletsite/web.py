"""The embedded web server: waitress, made strict where it is lenient.

Chosen by measurement, see docs/adr/0003-embedded-web-server.md. waitress reads a whole request
before it occupies a thread, so clients that send slowly stop nobody. Three things are added:

- A request with both Content-Length and Transfer-Encoding is refused (RFC 9112, section 6.1, allows
  it): whoever stands in front may have believed the other length, and the rest would be taken for
  another request.
- A request that has not arrived after 15 seconds ends, however steadily its bytes drip.
- Its own refusals carry the security headers of the pages.

Run as `python -m walletsite.web FD`, where FD is a bound socket of the parent process.
"""

from __future__ import annotations

import os
import signal
import socket
import sys
import time
from typing import Any, NoReturn

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser, ParsingError
from waitress.server import TcpWSGIServer
from waitress.task import ErrorTask

from walletsite.shell.headers import bare_headers

MOST_THREADS = 12
MOST_CONNECTIONS = 1_000
WHOLE_REQUEST_SECONDS = 15
LARGEST_BODY = 3 * 1024 * 1024
LARGEST_HEAD = 32 * 1024


class OneLengthParser(HTTPRequestParser):
    """Refuses a request that says its length in two ways."""

    def parse_header(self, header_plus: bytes) -> None:
        """Raise ParsingError, answered with 400 and the end of the connection."""
        super().parse_header(header_plus)
        if self.chunked and "CONTENT_LENGTH" in self.headers:
            raise ParsingError("Content-Length and Transfer-Encoding exclude each other")


class SealedErrorTask(ErrorTask):
    """What waitress refuses by itself (400, 413, 431) carries the headers of every other answer."""

    def execute(self) -> None:
        """Add them; the words are waitress's own, plain text."""
        self.response_headers.extend(bare_headers())
        super().execute()


class PunctualChannel(HTTPChannel):
    """Knows since when it waits for the rest of a request."""

    parser_class = OneLengthParser
    error_task_class = SealedErrorTask
    began_at: float | None = None

    def received(self, data: bytes) -> bool:
        """Note when a request begins and when it is complete."""
        answer: bool = super().received(data)
        if self.request is None:
            self.began_at = None
        elif self.began_at is None:
            self.began_at = time.monotonic()
        return answer


class PunctualServer(TcpWSGIServer):
    """Ends requests that take too long to arrive."""

    channel_class = PunctualChannel

    def maintenance(self, now: float) -> None:
        """Called by the loop every second."""
        super().maintenance(now)
        oldest = time.monotonic() - WHOLE_REQUEST_SECONDS
        for channel in list(self.active_channels.values()):
            if channel.began_at is not None and channel.began_at < oldest and not channel.requests:
                channel.will_close = True


def make_server(application: Any, listener: socket.socket) -> PunctualServer:
    """A server on a bound socket; `run()` serves until SystemExit."""
    from waitress.adjustments import Adjustments
    from waitress.task import ThreadedTaskDispatcher

    adjustments = Adjustments(
        sockets=[listener],
        threads=MOST_THREADS,
        connection_limit=MOST_CONNECTIONS,
        channel_timeout=WHOLE_REQUEST_SECONDS * 2,
        cleanup_interval=1,
        max_request_header_size=LARGEST_HEAD,
        max_request_body_size=LARGEST_BODY,
        asyncore_use_poll=True,
        ident=None,
        # What a proxy of ours says must arrive: walletsite/proxies.py takes it from strangers.
        clear_untrusted_proxy_headers=False,
    )
    dispatcher = ThreadedTaskDispatcher()
    dispatcher.set_thread_count(adjustments.threads)
    return PunctualServer(
        application,
        {},
        True,
        listener,
        dispatcher=dispatcher,
        adj=adjustments,
        bind_socket=False,
        sockinfo=(listener.family, listener.type, listener.proto, listener.getsockname()),
    )


def main() -> None:
    """Serve the site on the socket whose number is the argument, until SIGTERM."""
    signal.signal(signal.SIGTERM, _leave)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walletsite.settings")
    from walletsite.application import make_application

    make_server(make_application(), socket.socket(fileno=int(sys.argv[1]))).run()


def _leave(*_: object) -> NoReturn:
    raise SystemExit(0)


if __name__ == "__main__":
    main()
