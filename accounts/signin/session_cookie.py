"""The cookie of the session outlives a request that came a moment too late."""

from __future__ import annotations

from django.conf import settings
from django.contrib.sessions.middleware import SessionMiddleware
from django.http import HttpRequest, HttpResponseBase
from django.utils.cache import patch_vary_headers


class SteadySessionMiddleware(SessionMiddleware):
    """Django's, but an answer takes the cookie away only where this request ended the session.

    Every authentication gives the session a new key. A request that a page sent just before, for
    its manifest or by a timer, still carries the old one, finds no session, and Django would have
    its answer delete the cookie: by then the new one, and the person is signed out for nothing. A
    cookie without a session is worth nothing, so leaving it does no harm.
    """

    def process_response(  # type: ignore[override]
        self, request: HttpRequest, response: HttpResponseBase
    ) -> HttpResponseBase:
        """As Django does, except for a cookie whose session was not there from the beginning."""
        session = request.session
        is_stale = session.is_empty() and not session.modified
        if is_stale and settings.SESSION_COOKIE_NAME in request.COOKIES:
            patch_vary_headers(response, ("Cookie",))
            return response
        return super().process_response(request, response)  # type: ignore[arg-type]
