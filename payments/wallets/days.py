"""The days in which limits are counted: those of the bank, wherever the owner lives. Somebody who
could choose the zone of their limits could have two days in one."""

from __future__ import annotations

from datetime import date, datetime, time

from django.utils import timezone


def bank_day(moment: datetime | None = None) -> date:
    """The bank's day in which `moment` (now) lies."""
    return timezone.localdate(moment, timezone=timezone.get_default_timezone())


def bank_midnight(day: date) -> datetime:
    """When that day of the bank begins."""
    return datetime.combine(day, time.min, tzinfo=timezone.get_default_timezone())
