"""Finding people."""

from __future__ import annotations

from uuid import UUID

from accounts.users.models import User

_LONGEST_PHONE = 20


def find_user_by_phone(phone: str) -> User | None:
    """The person with this phone number (E.164), if any. Odd texts find nobody."""
    if not phone or len(phone) > _LONGEST_PHONE or not phone.isprintable():
        return None
    return User.objects.filter(phone=phone).first()


def find_user(public_id: UUID) -> User | None:
    """The person with this public id, if any."""
    return User.objects.filter(public_id=public_id).first()
