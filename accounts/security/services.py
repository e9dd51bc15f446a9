"""Writing down what happened, and opening and ending signed-in sessions."""

from __future__ import annotations

import re
from collections.abc import Mapping

from django.db import transaction
from django.utils import timezone

from accounts.security.addresses import address_hint
from accounts.security.counters import SECURITY_EVENTS
from accounts.security.errors import BrowserSignedOut
from accounts.security.models import SecurityEvent, UserSession
from accounts.users.models import User

_KIND = re.compile(r"^[a-z_]+(\.[a-z_]+)+$")
# Belt and braces: a detail under such a name is a mistake of the caller, not a fact to keep.
_NEVER = ("password", "code", "pin", "secret", "token", "id_number", "session_key", "otp")

Detail = str | int | bool | None


def record_event(
    *,
    user: User | None,
    kind: str,
    actor: User | None = None,
    address: str = "",
    details: Mapping[str, Detail] | None = None,
) -> SecurityEvent:
    """Append one event, in the caller's transaction: it stands or falls with what it describes.

    `kind` is lowercase and dotted (`sign_in.ok`); its title stands in `kinds.py`. `details` hold
    plain values and never a secret: a name that promises one raises `ValueError`.
    """
    if not _KIND.match(kind):
        raise ValueError(f"not an event kind: {kind!r}")
    facts = dict(details or {})
    for name, value in facts.items():
        if name in _NEVER or not isinstance(value, str | int | bool | None):
            raise ValueError(f"detail {name!r} has no place in a security event")
    event = SecurityEvent.objects.create(
        user=user, actor=actor, kind=kind, address=address[:45], details=facts
    )
    transaction.on_commit(SECURITY_EVENTS.labels(kind).inc)
    return event


def open_session(*, user: User, label: str, address: str) -> UserSession:
    """Remember a browser that has just signed in; the network is kept coarsely."""
    return UserSession.objects.create(
        user=user, label=label[:60], address_hint=address_hint(address)
    )


def end_session(*, session: UserSession, why: str) -> bool:
    """End one signed-in browser; its next request finds itself signed out. Ending twice is fine;
    whether it was this time."""
    ended = UserSession.objects.filter(pk=session.pk, ended_at=None).update(
        ended_at=timezone.now(), ended_why=why
    )
    return bool(ended)


def end_sessions(*, user: User, why: str, keep: UserSession | None = None) -> int:
    """End all of a person's sessions but `keep`; returns how many."""
    rows = UserSession.objects.filter(user=user, ended_at=None)
    if keep is not None:
        rows = rows.exclude(pk=keep.pk)
    return rows.update(ended_at=timezone.now(), ended_why=why)


def hold_session(*, session: UserSession | None) -> None:
    """Keep this browser signed in until the caller's transaction ends; None: nobody's browser.
    Raises `BrowserSignedOut` where it is not any more."""
    if session is None:
        return
    rows = UserSession.objects.select_for_update(no_key=True)
    if not rows.filter(pk=session.pk, ended_at=None).exists():
        raise BrowserSignedOut


def note_seen(*, session: UserSession) -> None:
    """Push the idle clock of a session to now."""
    session.last_seen_at = timezone.now()
    UserSession.objects.filter(pk=session.pk).update(last_seen_at=session.last_seen_at)


def cover_session(*, session: UserSession) -> None:
    """Show nothing more in this browser until the person proves themselves. Twice is fine."""
    now = timezone.now()
    UserSession.objects.filter(pk=session.pk, covered_at=None).update(covered_at=now)
    session.covered_at = session.covered_at or now


def uncover_session(*, session: UserSession) -> None:
    """The person has proved themselves: go on, with the idle clock at zero."""
    session.covered_at, session.last_seen_at = None, timezone.now()
    session.save(update_fields=["covered_at", "last_seen_at"])


def note_fresh_proof(*, session: UserSession) -> None:
    """Remember that the person at this browser has just proved who they are."""
    session.proved_at = timezone.now()
    UserSession.objects.filter(pk=session.pk).update(proved_at=session.proved_at)
