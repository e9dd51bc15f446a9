"""Reading changes of phone."""

from __future__ import annotations

from django.utils import timezone

from accounts.phone.binding import session_hash
from accounts.phone_change.models import PhoneChange
from accounts.phone_change.states import PhoneChangeState
from accounts.users.models import User


def find_walk(user: User, session_key: str) -> PhoneChange | None:
    """The walk of this person in this browser, if it is not over."""
    return (
        PhoneChange.objects.filter(
            user=user,
            session_hash=session_hash(session_key),
            state=PhoneChangeState.ASKING,
            expires_at__gt=timezone.now(),
        )
        .order_by("-pk")
        .first()
    )


def find_waiting(user: User) -> PhoneChange | None:
    """The change that is proved and takes effect later."""
    return PhoneChange.objects.filter(user=user, state=PhoneChangeState.WAITING).first()
