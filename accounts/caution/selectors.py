"""Reading whether a person is in a time of caution."""

from __future__ import annotations

from django.utils import timezone

from accounts.caution.models import Caution
from accounts.users.models import User


def caution_of(user: User) -> Caution | None:
    """The time of caution that holds now, of several the one that ends last; None for none.

    Only the end is compared: a clock set back must not lift the limits.
    """
    return (
        Caution.objects.filter(user_id=user.pk, until__gt=timezone.now())
        .order_by("-until", "-pk")
        .first()
    )
