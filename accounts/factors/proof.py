"""Fresh proof: somebody at this browser has shown within minutes who they are."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import HttpRequest
from django.utils import timezone

from accounts.security.services import note_fresh_proof
from accounts.security.sessions import current_session


def has_fresh_proof(request: HttpRequest) -> bool:
    """Whether step-up was passed in this session within `SESSIONS["step_up_seconds"]`.

    Signing in does not count: whoever finds an open browser has signed in, too.
    """
    session = current_session(request)
    if session is None or session.proved_at is None:
        return False
    age = timezone.now() - session.proved_at
    return timedelta(0) <= age <= timedelta(seconds=settings.SESSIONS["step_up_seconds"])


def give_fresh_proof(request: HttpRequest) -> None:
    """Remember the proof and change the session key, as after every authentication."""
    session = current_session(request)
    if session is None:
        raise RuntimeError("fresh proof needs a signed-in session")
    note_fresh_proof(session=session)
    request.session.cycle_key()
