"""Tying a code to the browser session that asked for it."""

from __future__ import annotations

from django.http import HttpRequest

from accounts.security.keyed import keyed_hash


def session_key_of(request: HttpRequest) -> str:
    """The key of this browser's session; makes one for a browser that has none yet."""
    if not request.session.session_key:
        request.session.create()
    return str(request.session.session_key)


def session_hash(session_key: str) -> str:
    """What rows keep instead of the key: the key itself would be as good as a sign-in."""
    return keyed_hash(purpose="session", text=session_key)
