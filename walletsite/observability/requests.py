"""Every request, seen from outside: its id, its count, its time, its line in the log."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.core.signals import request_finished
from django.http import HttpRequest, HttpResponseBase

from walletsite.observability import context
from walletsite.observability.counters import REQUEST_SECONDS, REQUESTS
from walletsite.observability.logs import route_of
from walletsite.shell.references import new_reference

GetResponse = Callable[[HttpRequest], HttpResponseBase]
access = logging.getLogger("wallet.access")
# What no address of ours answered: guessed addresses must not become labels.
UNKNOWN = "none"
_METHODS = frozenset({"GET", "HEAD", "POST", "OPTIONS"})
_HEADER = "X-Request-ID"


class RequestMiddleware:
    """Outermost of all, so that what others refuse is counted and written down too."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        began = time.perf_counter()
        request_id, reference = request_id_of(request), new_reference()
        request.reference = reference  # type: ignore[attr-defined]
        # Not undone when this returns: what Django says about the answer comes later still.
        context.start_anew({"request_id": request_id, "reference": reference})
        response = self.get_response(request)
        response.headers[_HEADER] = request_id
        _take_down(request, response, time.perf_counter() - began)
        return response

    def process_view(
        self, request: HttpRequest, view: object, args: object, kwargs: dict[str, Any]
    ) -> None:
        """The payment whose page this is, as far as its address says."""
        match = request.resolver_match
        if match and match.route.startswith(("pay/", "activity/")) and "public_id" in kwargs:
            context.add_fact("payment", kwargs["public_id"])


def forget_at_the_end() -> None:
    """Have a thread forget the facts of a request once its answer is sent."""
    request_finished.connect(_forget)


def _forget(**_: object) -> None:
    context.start_anew({})


def request_id_of(request: HttpRequest) -> str:
    """What our own proxy calls this request; without one, or if it is not an id, a new id."""
    given = request.headers.get(_HEADER, "") if settings.TRUSTED_PROXY_COUNT > 0 else ""
    return given if context.is_request_id(given) else context.new_request_id()


def _take_down(request: HttpRequest, response: HttpResponseBase, seconds: float) -> None:
    view = view_name(request)
    method = str(request.method) if request.method in _METHODS else "other"
    REQUESTS.labels(view, method, str(response.status_code)).inc()
    REQUEST_SECONDS.labels(view).observe(seconds)
    user = getattr(request, "_cached_user", None)
    # Machines and files would drown the people.
    is_page = not hasattr(request, "probe") and not request.path_info.startswith(
        settings.STATIC_URL
    )
    access.log(
        logging.INFO if is_page else logging.DEBUG,
        "answered",
        extra={
            "method": method,
            "route": route_of(request),
            "status": response.status_code,
            "ms": round(seconds * 1000, 1),
            "person": str(getattr(user, "public_id", "")),
        },
    )


def view_name(request: HttpRequest) -> str:
    """The name of the address in the URL table: as many as there are pages, whatever is asked."""
    if probe := getattr(request, "probe", ""):
        return str(probe)
    match = request.resolver_match
    return match.view_name if match and match.view_name else UNKNOWN
