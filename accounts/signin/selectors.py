"""Reading the state of the door."""

from __future__ import annotations

from uuid import UUID

from django.utils import timezone
from django.utils.crypto import constant_time_compare

from accounts.security.tries import TriesState
from accounts.signin import lockout
from accounts.signin.models import LoginRecovery, PendingSignIn
from accounts.users.models import User


def sign_in_lock_state(user: User) -> TriesState:
    """Whether sign-in is locked for this person anywhere, and until when; for support and the
    person. The strangers' door comes first, then the person's own browsers."""
    states = [lockout.lock_state(door) for door in lockout.doors_of(user)]
    return next((state for state in states if state.is_locked), states[0])


def find_pending(public_id: UUID | str | None) -> PendingSignIn | None:
    """A sign-in that still waits for its second factor."""
    if not public_id:
        return None
    pending = (
        PendingSignIn.objects.select_related("user")
        .filter(public_id=public_id, used_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if pending is None or not pending.user.is_active:
        return None
    return pending if pending.auth_hash == pending.user.get_session_auth_hash() else None


def find_recovery(public_id: UUID | str | None) -> LoginRecovery | None:
    """A recovery walk that is still open, and whose person is still who they were."""
    if not public_id:
        return None
    recovery = (
        LoginRecovery.objects.select_related("user")
        .filter(public_id=public_id, used_at=None, expires_at__gt=timezone.now())
        .first()
    )
    if recovery is None or recovery.user is None:
        return recovery
    return recovery if is_same_person(recovery, recovery.user) else None


def is_same_person(recovery: LoginRecovery, person: User) -> bool:
    """Whether the person has the number and the password they had when the code was right: whoever
    has changed one of them since, the owner above all, has ended this walk."""
    return (
        person.is_active
        and str(person.phone) == recovery.phone
        and constant_time_compare(recovery.auth_hash, person.get_session_auth_hash())
    )
