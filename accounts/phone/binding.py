"""Tying a code or a walk to the browser session that asked for it."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.security.keyed import keyed_hash
from accounts.security.sessions import BINDING_FIELD


def session_key_of(request: HttpRequest) -> str:
    """What this browser's codes and walks are tied to: the first key of its session, also when it
    has got newer ones since; makes a session for a browser that has none yet."""
    known = find_session_key(request)
    if known is None:
        request.session.create()
        known = str(request.session.session_key)
    return known


def find_session_key(request: HttpRequest) -> str | None:
    """The same; None for a browser without a session."""
    # Loads the session, and so drops a key that the browser has made up.
    first = request.session.get(BINDING_FIELD)
    return first or request.session.session_key


def session_hash(session_key: str) -> str:
    """What rows keep instead of the key: the key itself would be as good as a sign-in."""
    return keyed_hash(purpose="session", text=session_key)
