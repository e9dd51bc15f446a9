"""How long a session lives, and who may have one."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django_htmx.http import HttpResponseClientRedirect
from django_otp.middleware import is_verified

from accounts.security.addresses import client_address
from accounts.security.models import UserSession
from accounts.security.selectors import find_session
from accounts.security.services import end_session, note_seen, open_session, record_event
from accounts.security.sessions import (
    SESSION_FIELD,
    attach_session,
    device_label,
    has_browser_left,
)
from accounts.signin.cover import SIGNED_OUT, is_background, is_covered
from accounts.signin.services import sign_out
from accounts.users.models import User

GetResponse = Callable[[HttpRequest], HttpResponse]
# Where the sign-in page finds why somebody has to sign in again.
WHY_FIELD = "signed_out_because"
# The idle clock is written down at most this often.
_NOTE_AFTER = timedelta(seconds=15)


class SessionLifetimeMiddleware:
    """Ends sessions that were idle or open for too long, or were ended from elsewhere.

    Customers: 15 min idle, 12 h at most; staff: 5 min, 8 h (`SESSIONS`). What decides is our
    row, so that ending it from another device works at once.
    """

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        if request.user.is_authenticated:
            why = _why_over(request, request.user)
            if why:
                setattr(request, SIGNED_OUT, request.user)
                sign_out(request=request, why=why)
                request.session[WHY_FIELD] = why
                if request.headers.get("HX-Request") == "true":
                    return _forgetting(request, HttpResponseClientRedirect(request.get_full_path()))
        return _forgetting(request, self.get_response(request))


def _forgetting(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Wherever this browser's session was ended, whatever page did it."""
    if has_browser_left(request):
        response.headers["Clear-Site-Data"] = '"cache", "storage"'
    return response


class StaffSecondFactorMiddleware:
    """No page for a staff session that has not passed a second factor, whatever door it used."""

    def __init__(self, get_response: GetResponse) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = request.user
        if user.is_authenticated and user.is_staff and not is_verified(user):
            address = client_address(request)
            record_event(user=user, kind="sign_in.refused", address=address)
            sign_out(request=request, why="no_second_factor")
            request.session[WHY_FIELD] = "no_second_factor"
            return redirect(settings.LOGIN_URL)
        return self.get_response(request)


def _why_over(request: HttpRequest, user: User) -> str:
    """Why this session no longer counts; "" when it does."""
    session = _session_of(request, user)
    attach_session(request, session)
    now = timezone.now()
    idle, most = _limits(user)
    if session.ended_at is not None:
        return session.ended_why or "ended"
    if now - session.last_seen_at > idle:
        return "idle"
    if now - session.created_at > most:
        return "too_long"
    if _shows_somebody(request, session, user) and now - session.last_seen_at > _NOTE_AFTER:
        note_seen(session=session)
    return ""


def _shows_somebody(request: HttpRequest, session: UserSession, user: User) -> bool:
    """A covered page does not count, nor does one that asks by itself."""
    return not is_covered(session, user) and not is_background(request)


def _session_of(request: HttpRequest, user: User) -> UserSession:
    """The row of this browser; a session that Django opened by another way gets one now."""
    public_id = request.session.get(SESSION_FIELD)
    session = find_session(public_id, user) if public_id else None
    if session is not None:
        return session
    label = device_label(request.headers.get("User-Agent", ""))
    session = open_session(user=user, label=label, address=client_address(request))
    if public_id:
        # It named a row that is gone: such a session is over, not new.
        end_session(session=session, why="ended")
        session.ended_at, session.ended_why = timezone.now(), "ended"
    return session


def _limits(user: User) -> tuple[timedelta, timedelta]:
    kind = "staff" if user.is_staff else "customer"
    idle = timedelta(seconds=settings.SESSIONS[f"{kind}_idle_seconds"])
    return idle, timedelta(seconds=settings.SESSIONS[f"{kind}_most_seconds"])
