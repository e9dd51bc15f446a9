"""Moments that have not come yet: written by a clock that ran ahead and was set right since."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.utils import timezone


def latest_now() -> datetime:
    """Now, by the fastest of our clocks: servers differ by less than this. What claims to have
    happened later than this was written under a wrong clock."""
    return timezone.now() + timedelta(seconds=settings.CLOCK_SLACK_SECONDS)


def capped(until: datetime | None, *, seconds: float) -> datetime | None:
    """The end of a lock that lasts so long; never further away than its own length."""
    if until is None or until <= latest_now() + timedelta(seconds=seconds):
        return until
    return timezone.now() + timedelta(seconds=seconds)
