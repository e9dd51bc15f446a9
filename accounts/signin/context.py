"""What pages of a signed-in customer are told about the idle clock."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.security.sessions import current_session
from accounts.signin.cover import is_covered


def session_clock(request: HttpRequest) -> dict[str, Any]:
    """`session_clock` in seconds: cover, warn, end, and how long idle already; {} for others, and
    for the page that ends a cover."""
    user, session = getattr(request, "user", None), current_session(request)
    if session is None or user is None or not user.is_authenticated or user.is_staff:
        return {}
    if is_covered(session, user):
        return {}
    rules = settings.SESSIONS
    idle = timezone.now() - session.last_seen_at
    return {
        "session_clock": {
            "cover": rules["customer_cover_seconds"],
            "warn": rules["customer_warn_seconds"],
            "end": rules["customer_idle_seconds"],
            "idle": max(0, int(idle.total_seconds())),
        }
    }
