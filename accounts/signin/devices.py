"""Every signed-in session knows which browser it is in."""

from __future__ import annotations

from collections.abc import Callable

from django.http import HttpRequest, HttpResponse

from accounts.security.devices import recognise_device
from accounts.security.sessions import current_session


class DeviceMiddleware:
    """Names the device of a session once, with the answer to its first request: sign-in's own."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        session = current_session(request)
        if session is not None and session.device_id is None and session.ended_at is None:
            recognise_device(request=request, response=response, session=session)
        return response
