"""The dates of a standing order: month ends, leap years, summer time, and any of them at once."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as some

from accounts.users.zones import ZONES
from payments.transfers.standing_orders.rhythm import Rhythm
from payments.transfers.standing_orders.states import Repeats


def days(rhythm: Rhythm, count: int) -> list[str]:
    found = (rhythm.day_of(index) for index in range(count))
    return [day.isoformat() for day in found if day is not None]


def every(repeats: str, start: str, at: str = "09:00", zone: str = "Asia/Shanghai") -> Rhythm:
    return Rhythm(repeats, date.fromisoformat(start), time.fromisoformat(at), zone)


def test_monthly_on_the_31st_is_the_last_day_of_short_months_and_stays_the_31st() -> None:
    assert days(every("monthly", "2027-12-31"), 5) == [
        "2027-12-31", "2028-01-31", "2028-02-29", "2028-03-31", "2028-04-30",
    ]  # fmt: skip


def test_a_birthday_on_29_february_is_the_28th_in_other_years_and_the_29th_again() -> None:
    assert days(every("yearly", "2028-02-29"), 5) == [
        "2028-02-29", "2029-02-28", "2030-02-28", "2031-02-28", "2032-02-29",
    ]  # fmt: skip


def test_it_ends_with_its_last_date_or_its_number_of_times() -> None:
    start = every("weekly", "2026-11-27")
    until = Rhythm(
        start.repeats, start.starts_on, start.at_time, start.zone, ends_on=date(2026, 12, 11)
    )
    thrice = Rhythm(start.repeats, start.starts_on, start.at_time, start.zone, times=3)
    assert days(until, 9) == days(thrice, 9) == ["2026-11-27", "2026-12-04", "2026-12-11"]
    assert days(every("once", "2026-11-27"), 9) == ["2026-11-27"]
    assert days(every("yearly", "9998-01-01"), 9) == ["9998-01-01", "9999-01-01"]


def test_the_wall_clock_counts_over_summer_time() -> None:
    daily = every("daily", "2027-03-27", "02:30", "Europe/Berlin")
    moments = [daily.moment_of(index) for index in range(3)]
    assert moments == [
        datetime(2027, 3, 27, 1, 30, tzinfo=UTC),
        # 02:30 does not exist on that day: the hour after the gap.
        datetime(2027, 3, 28, 1, 30, tzinfo=UTC),
        datetime(2027, 3, 29, 0, 30, tzinfo=UTC),
    ]
    twice = every("daily", "2027-10-31", "02:30", "Europe/Berlin")
    # 02:30 comes twice on that day: the first of the two.
    assert twice.moment_of(0) == datetime(2027, 10, 31, 0, 30, tzinfo=UTC)


def test_the_day_that_ends_is_the_owners() -> None:
    new_york = every("daily", "2026-11-01", "09:00", "America/New_York")
    in_the_morning = datetime(2026, 11, 1, 13, 0, tzinfo=UTC)
    assert new_york.end_of_day(in_the_morning) == datetime(2026, 11, 2, 5, 0, tzinfo=UTC)


rhythms = some.builds(
    Rhythm,
    repeats=some.sampled_from(Repeats.values),
    starts_on=some.dates(date(2026, 1, 1), date(2029, 12, 31)),
    at_time=some.times().map(lambda value: value.replace(second=0, microsecond=0)),
    zone=some.sampled_from(sorted(ZONES)),
    ends_on=some.none() | some.dates(date(2026, 1, 1), date(2060, 1, 1)),
    times=some.none() | some.integers(1, 999),
)


@given(rhythms, some.integers(0, 500))
def test_dates_only_go_forward_and_land_on_the_chosen_day(rhythm: Rhythm, index: int) -> None:
    here, following = rhythm.moment_of(index), rhythm.moment_of(index + 1)
    if here is None:
        assert following is None
        return
    day = rhythm.day_of(index)
    assert day is not None
    local = here.astimezone(ZoneInfo(rhythm.zone))
    # Moved by a gap at most; the longest among these zones is an hour.
    assert abs(local.replace(tzinfo=None) - datetime.combine(day, rhythm.at_time)) <= timedelta(
        hours=1
    )
    if rhythm.repeats in (Repeats.MONTHLY, Repeats.YEARLY):
        assert day.day == rhythm.starts_on.day or (day + timedelta(days=1)).day == 1
    if following is not None:
        assert following > here


@given(rhythms, some.integers(0, 20 * 366 * 86_400))
def test_the_next_date_is_the_first_one_later(rhythm: Rhythm, seconds: int) -> None:
    now = datetime(2025, 1, 1, tzinfo=UTC) + timedelta(seconds=seconds)
    index = rhythm.index_after(now)
    following = rhythm.moment_of(index)
    assert following is None or following > now
    before = rhythm.moment_of(index - 1)
    assert before is None or before <= now


@pytest.mark.parametrize("repeats", Repeats.values)
def test_finding_the_next_date_does_not_walk_through_centuries(repeats: str) -> None:
    rhythm = every(repeats, "2026-01-31")
    far = datetime(9990, 1, 1, tzinfo=UTC)
    following = rhythm.moment_of(rhythm.index_after(far))
    assert repeats == "once" or (following is not None and following > far)
