"""The ID digits as a secret. They are few and half of them are a birthday: guessed slowly.

One count per person for every page that asks for them. Whoever holds the phone alone has another
one than the person's own browsers: a thief of the number must not keep its owner from leaving it.
"""

from __future__ import annotations

from enum import StrEnum

from django.conf import settings

from accounts.security.tries import Ladder, clear_tries, take_try
from accounts.users.models import User


class Source(StrEnum):
    """From where the digits are typed; also the name of the count."""

    PHONE = "id_digits_by_phone"
    SIGNED_IN = "id_digits_signed_in"


def take_id_try(*, user: User, source: Source) -> None:
    """Count a try before anything is looked at; raises `TriesLocked`. Outside any transaction."""
    ladder = Ladder(steps=settings.IDENTITY_TRIES)
    take_try(scope=source, subject=str(user.public_id), ladder=ladder)


def clear_id_tries(*, user: User, source: Source) -> None:
    """All that was asked was right."""
    clear_tries(scope=source, subject=str(user.public_id))
