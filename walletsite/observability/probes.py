"""The pages for machines: `/healthz`, `/readyz`, `/metrics`.

They are answered by a middleware before hosts, https, sessions and pages come into play: a load
balancer asks by address, without cookies, and must not be redirected. Nothing of what was asked
stands in the answer.
"""

from __future__ import annotations

import ipaddress
import logging
from collections.abc import Callable

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase, JsonResponse
from django.utils.crypto import constant_time_compare

from accounts.security.addresses import client_address
from walletsite.observability.metrics import CONTENT_TYPE, write_metrics
from walletsite.observability.readiness import find_faults

logger = logging.getLogger(__name__)
GetResponse = Callable[[HttpRequest], HttpResponseBase]


class ProbeMiddleware:
    """Answers machines; everything else goes on."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        answer = _ANSWERS.get(request.path_info)
        if answer is None:
            return self.get_response(request)
        if request.method not in {"GET", "HEAD"}:
            return HttpResponse(status=405, headers={"Allow": "GET, HEAD"})
        request.probe = request.path_info.removeprefix("/")  # type: ignore[attr-defined]
        response = answer(request)
        # Django would write an error for each 503; what is wrong stands in the log already.
        response._has_been_logged = True  # type: ignore[attr-defined]
        response.headers["Content-Length"] = str(len(response.content))
        return response


def healthz(request: HttpRequest) -> HttpResponse:
    """This process takes requests. Touches nothing else, so that what is broken elsewhere does
    not get it killed."""
    return HttpResponse("ok\n", content_type="text/plain; charset=utf-8")


def readyz(request: HttpRequest) -> HttpResponse:
    """200 when every part is in order, 503 with the names of those that are not."""
    parts = find_faults()
    is_ready = all(parts.values())
    said = {name: "ok" if is_good else "failed" for name, is_good in parts.items()}
    return JsonResponse({"ready": is_ready, "parts": said}, status=200 if is_ready else 503)


def metrics(request: HttpRequest) -> HttpResponse:
    """The figures, to who may read them."""
    return refusal_of_metrics(request) or HttpResponse(write_metrics(), content_type=CONTENT_TYPE)


def refusal_of_metrics(request: HttpRequest) -> HttpResponse | None:
    """What a stranger is told: 404 where nobody may read, else 401 or 403; None lets pass."""
    token, networks = settings.METRICS["token"], settings.METRICS["addresses"]
    if not token and not networks:
        return HttpResponse(status=404)
    if _has_token(request, token) or _is_listed(request, networks):
        return None
    if not token:
        return HttpResponse(status=403)
    return HttpResponse(status=401, headers={"WWW-Authenticate": 'Bearer realm="metrics"'})


def _has_token(request: HttpRequest, token: str) -> bool:
    scheme, _, given = request.headers.get("Authorization", "").partition(" ")
    return bool(token) and scheme.lower() == "bearer" and constant_time_compare(given, token)


def _is_listed(request: HttpRequest, networks: list[str]) -> bool:
    address = client_address(request)
    return bool(address) and any(
        ipaddress.ip_address(address) in ipaddress.ip_network(each, strict=False)
        for each in networks
    )


_ANSWERS: dict[str, Callable[[HttpRequest], HttpResponse]] = {
    "/healthz": healthz,
    "/readyz": readyz,
    "/metrics": metrics,
}
