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


def new_phone_until(user: User) -> datetime | None:
    """Until when a code to this person's phone proves little, because the number has just been
    changed; None for a number that has been theirs for a while."""
    changed = (each for each in list_cautions(user) if each.why == Caution.Why.PHONE_CHANGED)
    return next((each.until for each in changed), None)


def was_cautious(user: User, moment: datetime) -> bool:
    """Whether that moment lay in a time of caution."""
    return Caution.objects.filter(user_id=user.pk, begins_at__lte=moment, until__gt=moment).exists()
