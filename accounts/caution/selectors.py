"""Reading whether a person is in a time of caution."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts.caution.models import Caution
from accounts.users.models import User


def caution_of(user: User) -> Caution | None:
    """The time of caution that holds now, of several the one that ends last; None for none."""
    running = list_cautions(user)
    return running[0] if running else None


def list_cautions(user: User) -> list[Caution]:
    """All that hold now, the one that ends last first.

    Only the end is compared: a clock set back must not lift the limits.
    """
    running = Caution.objects.filter(user_id=user.pk, until__gt=timezone.now())
    return list(running.order_by("-until", "-pk"))


def was_cautious(user: User, moment: datetime) -> bool:
    """Whether that moment lay in a time of caution."""
    return Caution.objects.filter(user_id=user.pk, begins_at__lte=moment, until__gt=moment).exists()
