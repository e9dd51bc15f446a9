"""A worker's own `/metrics`, for a worker in a container of its own.

Same door as the site's, the counts of this container's processes only: what comes from rows is
answered by the web servers.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from socketserver import ThreadingMixIn
from typing import Any
from wsgiref.simple_server import WSGIRequestHandler, WSGIServer, make_server

from django.core.handlers.wsgi import WSGIRequest

from walletsite.observability.metrics import CONTENT_TYPE, write_process_metrics
from walletsite.observability.probes import refusal_of_metrics


class _Server(ThreadingMixIn, WSGIServer):
    daemon_threads = True


class _Quiet(WSGIRequestHandler):
    def log_message(self, format: str, *args: Any) -> None:  # noqa: A002
        """Scrapes are not worth a line."""


def make_worker_server(host: str, port: int) -> WSGIServer:
    """A small server of `answer`; the caller runs it. Raises OSError for a taken port."""
    return make_server(host, port, answer, server_class=_Server, handler_class=_Quiet)


def answer(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """`/healthz` to anybody, `/metrics` to who may read it."""
    request = WSGIRequest(environ)
    if request.method not in {"GET", "HEAD"} or request.path_info not in {"/healthz", "/metrics"}:
        start_response("404 Not Found", [("Content-Length", "0")])
        return []
    if request.path_info == "/healthz":
        return _say(start_response, "text/plain; charset=utf-8", b"ok\n")
    if refusal := refusal_of_metrics(request):
        start_response(f"{refusal.status_code} Refused", [("Content-Length", "0")])
        return []
    return _say(start_response, CONTENT_TYPE, write_process_metrics())


def _say(start_response: Callable[..., Any], content_type: str, body: bytes) -> list[bytes]:
    headers = [("Content-Type", content_type), ("Content-Length", str(len(body)))]
    start_response("200 OK", headers)
    return [body]
