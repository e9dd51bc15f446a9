"""Reading which second factors a person has."""

from __future__ import annotations

from accounts.factors.models import Authenticator, RecoveryCode
from accounts.users.models import User


def get_authenticator(user: User) -> Authenticator | None:
    """The authenticator that counts, or None when two-step sign-in is off."""
    return Authenticator.objects.filter(user=user, confirmed=True).first()


def find_unconfirmed(user: User) -> Authenticator | None:
    """An authenticator that is being set up."""
    return Authenticator.objects.filter(user=user, confirmed=False).order_by("-pk").first()


def count_recovery_codes_left(user: User) -> int:
    """How many recovery codes can still be used."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()
