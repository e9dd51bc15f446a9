"""Counting and timing every request by the view that answered it."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.http import HttpRequest, HttpResponseBase

from walletsite.observability.counters import REQUEST_SECONDS, REQUESTS

GetResponse = Callable[[HttpRequest], HttpResponseBase]
# What no address of ours answered: guessed addresses must not become labels.
UNKNOWN = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})


class RequestFiguresMiddleware:
    """Outermost of all, so that what others refuse is counted too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - began
        view = view_name(request)
        method = request.method if request.method in _METHODS else "other"
        REQUESTS.labels(view, method, str(response.status_code)).inc()
        REQUEST_SECONDS.labels(view).observe(seconds)
        return response


def view_name(request: HttpRequest) -> str:
    """The name of the address in the URL table: as many as there are pages, whatever is asked."""
    if probe := getattr(request, "probe", ""):
        return str(probe)
    match = request.resolver_match
    return match.view_name if match and match.view_name else UNKNOWN
