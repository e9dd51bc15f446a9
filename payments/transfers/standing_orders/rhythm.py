"""The dates of a standing order: pure arithmetic, no database, no clock.

Every date is counted from the first one, so that the 31st stays the 31st: 31 January, 28 February,
31 March. The time of day is that of the wall clock in the owner's zone, also over a change to or
from summer time: an hour that does not exist moves ahead by the gap, one that comes twice is the
first of the two (`fold=0`, PEP 495).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from dateutil.relativedelta import relativedelta

from payments.transfers.standing_orders.states import Repeats

# No real step is longer, so an estimate with them is never too late.
_MOST_DAYS = {Repeats.DAILY: 1, Repeats.WEEKLY: 7, Repeats.MONTHLY: 31, Repeats.YEARLY: 366}


@dataclass(frozen=True, slots=True)
class Rhythm:
    """First date, how often, at what time where; `ends_on` and `times` bound it, both inclusive."""

    repeats: str
    starts_on: date
    at_time: time
    zone: str
    ends_on: date | None = None
    times: int | None = None

    def day_of(self, index: int) -> date | None:
        """The date with this number, from 0; None after the last."""
        if index < 0 or (self.times is not None and index >= self.times):
            return None
        if self.repeats == Repeats.ONCE:
            return self.starts_on if index == 0 else None
        try:
            day = self.starts_on + _step(self.repeats, index)
        except (OverflowError, ValueError):
            return None  # beyond the year 9999
        return None if self.ends_on is not None and day > self.ends_on else day

    def moment_of(self, index: int) -> datetime | None:
        """The same as a moment in UTC."""
        day = self.day_of(index)
        return None if day is None else self.moment_on(day)

    def moment_on(self, day: date) -> datetime:
        """When a payment of this day is due, in UTC."""
        local = datetime.combine(day, self.at_time.replace(fold=0), tzinfo=ZoneInfo(self.zone))
        return local.astimezone(UTC)

    def end_of_day(self, moment: datetime) -> datetime:
        """The midnight that ends the owner's day in which `moment` lies, in UTC."""
        zone = ZoneInfo(self.zone)
        following = moment.astimezone(zone).date() + relativedelta(days=1)
        return datetime.combine(following, time.min, tzinfo=zone).astimezone(UTC)

    def index_after(self, moment: datetime) -> int:
        """The number of the first date later than `moment`, also where there is none any more."""
        index = self._not_too_late(moment)
        while (due := self.moment_of(index)) is not None and due <= moment:
            index += 1
        return index

    def _not_too_late(self, moment: datetime) -> int:
        """A number at or before the wanted one, without walking there from the start."""
        if self.repeats == Repeats.ONCE:
            return 0
        days = (moment.astimezone(ZoneInfo(self.zone)).date() - self.starts_on).days
        return max(days // _MOST_DAYS[Repeats(self.repeats)] - 1, 0)


def _step(repeats: str, count: int) -> relativedelta:
    if repeats == Repeats.DAILY:
        return relativedelta(days=count)
    if repeats == Repeats.WEEKLY:
        return relativedelta(weeks=count)
    if repeats == Repeats.MONTHLY:
        return relativedelta(months=count)
    return relativedelta(years=count)
