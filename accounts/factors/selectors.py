"""Reading which second factors a person has."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone

from accounts.factors.models import Authenticator, RecoveryCode
from accounts.users.models import User


def get_authenticator(user: User) -> Authenticator | None:
    """The authenticator that counts, or None when two-step sign-in is off."""
    found: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=True).first()
    return found


def has_second_factor(user: User) -> bool:
    """Whether this person can prove themselves by something beside passwords and the phone."""
    return get_authenticator(user) is not None


def has_settled_factor(user: User) -> bool:
    """Whether the second factor was there a day ago: one that a thief has just switched on proves
    nothing about the owner."""
    authenticator = get_authenticator(user)
    if authenticator is None:
        return False
    age = timezone.now() - authenticator.created_at
    return age >= timedelta(seconds=settings.PHONE_CHANGE["factor_settles_seconds"])


def find_unconfirmed(user: User) -> Authenticator | None:
    """An authenticator that is being set up."""
    drafts = Authenticator.objects.filter(user=user, confirmed=False)
    found: Authenticator | None = drafts.order_by("-pk").first()
    return found


def count_recovery_codes_left(user: User) -> int:
    """How many recovery codes can still be used."""
    return RecoveryCode.objects.filter(user=user, used_at=None).count()
