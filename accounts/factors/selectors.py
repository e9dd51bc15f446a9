"""Reading which second factors a person has."""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.utils import timezone

from accounts.factors.models import Authenticator, Passkey, RecoveryCode
from accounts.users.models import User


def get_authenticator(user: User) -> Authenticator | None:
    """The authenticator that counts, or None when two-step sign-in is off."""
    found: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=True).first()
    return found


def list_passkeys(user: User) -> list[Passkey]:
    """The person's passkeys, the oldest first."""
    return list(Passkey.objects.filter(user=user).order_by("pk"))


def find_passkey(user: User, public_id: UUID) -> Passkey | None:
    """One of the person's own."""
    found: Passkey | None = Passkey.objects.filter(user=user, public_id=public_id).first()
    return found


def has_passkey(user: User) -> bool:
    """Whether the person can sign with one."""
    return Passkey.objects.filter(user=user).exists()


def has_second_factor(user: User) -> bool:
    """Whether this person can prove themselves by something beside passwords and the phone."""
    return get_authenticator(user) is not None or has_passkey(user)


def has_settled_factor(user: User) -> bool:
    """Whether a second factor was there a day ago: one that a thief has just switched on proves
    nothing about the owner."""
    settled = timedelta(seconds=settings.PHONE_CHANGE["factor_settles_seconds"])
    authenticator = get_authenticator(user)
    times = [passkey.created_at for passkey in list_passkeys(user)]
    times += [authenticator.created_at] if authenticator else []
    return any(timezone.now() - made_at >= settled for made_at in times)


def find_unconfirmed(user: User) -> Authenticator | None:
    """An authenticator that is being set up."""
    drafts = Authenticator.objects.filter(user=user, confirmed=False)
    found: Authenticator | None = drafts.order_by("-pk").first()
    return found


def count_recovery_codes_left(user: User) -> int:
    """How many recovery codes can still be used."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()
