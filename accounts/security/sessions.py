"""The browser a request comes from: who is signed in there, and what was proved there."""

from __future__ import annotations

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import HttpRequest

from accounts.security.models import UserSession
from accounts.users.models import User

# Where Django's session keeps the public id of our row.
SESSION_FIELD = "wallet_session"
# The first key of a session that has a newer one (accounts/signin/session_store.py).
BINDING_FIELD = "first_key"
# Walks of people who are not signed in, proved in this very session; the newest last.
_PROVED_FIELD = "proved_walks"
_MOST_PROVED = 8


def current_session(request: HttpRequest) -> UserSession | None:
    """The row of this browser, put there by `SessionLifetimeMiddleware`; None when signed out."""
    return getattr(request, "wallet_session", None)


def attach_session(request: HttpRequest, session: UserSession) -> None:
    """Tie our row to Django's session and to this request."""
    public_id = str(session.public_id)
    # Writing only what is new: Django saves a session that was written to, on every page.
    if request.session.get(SESSION_FIELD) != public_id:
        request.session[SESSION_FIELD] = public_id
    request.wallet_session = session  # type: ignore[attr-defined]


def renew_session(request: HttpRequest, *, walk: UUID | None = None) -> None:
    """Give the browser's session a new key, as after every proof of who is there: a copy of the
    old cookie is worth nothing from here on. What is in flight in other tabs goes on.

    `walk` is what was proved by somebody who is not signed in (`is_proved_here`): it is written
    into the renewed session alone, so that a copy made while the proof was looked at lacks it.
    Call it outside any transaction. Source: OWASP ASVS 7.2.4.
    """
    request.session.cycle_key()
    if walk is not None:
        known = [*request.session.get(_PROVED_FIELD, []), str(walk)]
        request.session[_PROVED_FIELD] = known[-_MOST_PROVED:]


def is_proved_here(request: HttpRequest, walk: UUID) -> bool:
    """Whether it was this browser that proved this walk, and not one that shares its number."""
    return str(walk) in request.session.get(_PROVED_FIELD, [])


def note_browser_left(request: HttpRequest) -> None:
    """Say that this browser's own session was ended while the request was answered."""
    request.wallet_left = True  # type: ignore[attr-defined]


def has_browser_left(request: HttpRequest) -> bool:
    """Whether it was; then the browser is told to forget what it kept of the pages."""
    return bool(getattr(request, "wallet_left", False))


def signed_in_user(request: HttpRequest) -> User:
    """The person this request is from, on pages that need one. Raises `PermissionDenied`."""
    if not request.user.is_authenticated:
        raise PermissionDenied
    return request.user


def device_label(user_agent: str) -> str:
    """A few words by which a person recognises a browser: "Chrome · Android"."""
    browsers = [
        ("MicroMessenger", "WeChat"),
        ("Edg", "Edge"),
        ("Firefox", "Firefox"),
        ("Chrome", "Chrome"),
        ("Safari", "Safari"),
    ]
    systems = [
        ("iPhone", "iPhone"),
        ("iPad", "iPad"),
        ("Android", "Android"),
        ("Windows", "Windows"),
        ("Mac OS", "Mac"),
        ("Linux", "Linux"),
    ]
    found = [
        next((name for mark, name in table if mark in user_agent), "")
        for table in (browsers, systems)
    ]
    return " · ".join(name for name in found if name)
