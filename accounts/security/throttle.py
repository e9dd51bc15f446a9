"""How often somebody may do something: exact rolling windows, right with many processes.

The one table of rules is `settings.RATE_LIMITS`; every entrance counts through `hit`.

Counted in Redis where there is one (docs/adr/0006-counters-in-redis.md), else in rows. While Redis
does not answer, rows count: nobody is let through uncounted, and nobody is shut out.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.security import redis_counters
from accounts.security.addresses import address_group
from accounts.security.clock import latest_now
from accounts.security.errors import Refusal
from accounts.security.keyed import keyed_hash
from accounts.security.models import ThrottledAct


class TooManyRequests(Refusal):
    """Too often; `retry_after_seconds` says when it is worth trying again. Answer 429."""

    def __init__(self, retry_after_seconds: int) -> None:
        super().__init__(
            _("Too many tries in a short time. Please try again in %(minutes)s min."),
            code="throttle",
            params={"minutes": -(-retry_after_seconds // 60)},
        )
        self.retry_after_seconds = retry_after_seconds


def rules_of(action: str) -> dict[str, list[tuple[int, int]]]:
    """The lines of an action in the table: whose acts -> (how many, in how many seconds)."""
    return {
        whose: [(most, seconds) for most, seconds in rules]
        for whose, rules in settings.RATE_LIMITS[action].items()
    }


def hit(
    *, action: str, rules: Sequence[tuple[int, int]] | None = None, subject: str = "", **whose: str
) -> None:
    """Count one act, or raise `TooManyRequests` when a rule of the table is used up.

    `whose` says whose act it is, as `settings.RATE_LIMITS` names them: `person=`, `number=`,
    `address=`...; an address counts as its subscriber's, the installation by itself. A refused
    act is not counted, so going on trying does not push the end away. Its own committed
    transactions: call it outside any other one, or a rollback would forget the count.
    `subject` and `rules` are for acts that are in no table, which the product has none of.
    """
    counted: list[tuple[str, str]] = []
    counters = _counters(action, whose) if rules is None else [_bare(action, subject, rules)]
    for counter, subject_hash, its_rules in counters:
        wait = _take_in_redis(counter, subject_hash, its_rules)
        if wait is None:
            wait = _take_in_rows(counter, subject_hash, its_rules)
        if wait > 0:
            for each in counted:
                _give_back(*each)
            raise TooManyRequests(int(wait) + 1)
        counted.append((counter, subject_hash))


def take_room(*, action: str, wanted: int, **whose: str) -> int:
    """Count up to `wanted` acts at once, as many as the rules have room for; how many were.

    For acts that come in hundreds: one transaction, not one each. Counted in rows alone, so keep
    its actions apart from those of `hit`, and on one line of the table. Call it outside any other
    transaction.
    """
    ((counter, subject_hash, rules),) = _counters(action, whose)
    longest = max(seconds for _limit, seconds in rules)
    with transaction.atomic(durable=True):
        row, now, times = _locked_times(counter, subject_hash, longest)
        stamp = now.timestamp()
        room = min(
            limit - sum(moment > stamp - seconds for moment in times) for limit, seconds in rules
        )
        taken = max(min(room, wanted), 0)
        row.times = [*times, *[round(stamp, 3)] * taken]
        row.forget_at = now + timedelta(seconds=longest)
        row.save(update_fields=["times", "forget_at"])
    return taken


def give_back(*, action: str, subject: str = "", **whose: str) -> None:
    """Uncount the newest act, where only wrong ones are meant to count."""
    for counter, subject_hash, _rules in (
        [_bare(action, subject, ())] if subject else _counters(action, whose)
    ):
        _give_back(counter, subject_hash)


def _counters(
    action: str, whose: Mapping[str, str]
) -> list[tuple[str, str, Sequence[tuple[int, int]]]]:
    """Name of the counter, hash of its subject, and rules, for each line of the action.

    A line that the caller names nobody for would never be enforced, and the reverse would count
    for nothing: both are mistakes, and raise KeyError."""
    table = rules_of(action)
    subjects = {**whose, **({"installation": "all"} if "installation" in table else {})}
    if subjects.keys() != table.keys():
        raise KeyError(f"{action} is counted by {sorted(table)}, not by {sorted(subjects)}")
    if "address" in subjects:
        subjects["address"] = address_group(subjects["address"])
    return [
        (
            f"{action}:{kind}",
            keyed_hash(purpose=f"throttle:{action}:{kind}", text=subjects[kind]),
            rules,
        )
        for kind, rules in table.items()
    ]


def _bare(
    action: str, subject: str, rules: Sequence[tuple[int, int]]
) -> tuple[str, str, Sequence[tuple[int, int]]]:
    return action, keyed_hash(purpose=f"throttle:{action}", text=subject), rules


def _give_back(counter: str, subject_hash: str) -> None:
    if settings.REDIS_URL:
        try:
            redis_counters.give_back(f"{counter}:{subject_hash}")
            return
        except redis_counters.CountersUnavailableError:
            pass
    with transaction.atomic(durable=True):
        row = (
            ThrottledAct.objects.select_for_update()
            .filter(action=counter, subject_hash=subject_hash)
            .first()
        )
        if row is not None:
            row.times = row.times[:-1]
            row.save(update_fields=["times"])


def forget_old_acts() -> int:
    """Delete rows that no longer limit anybody; returns how many."""
    deleted, _by_model = ThrottledAct.objects.filter(forget_at__lt=timezone.now()).delete()
    return deleted


def _take_in_redis(
    action: str, subject_hash: str, rules: Sequence[tuple[int, int]]
) -> float | None:
    """Seconds to wait, 0 when counted, None when it is not Redis that counts."""
    if not settings.REDIS_URL:
        return None
    try:
        return redis_counters.take(f"{action}:{subject_hash}", rules)
    except redis_counters.CountersUnavailableError:
        return None


def _take_in_rows(action: str, subject_hash: str, rules: Sequence[tuple[int, int]]) -> float:
    longest = max(seconds for _limit, seconds in rules)
    with transaction.atomic(durable=True):
        row, now, times = _locked_times(action, subject_hash, longest)
        stamp = now.timestamp()
        wait = _wait_seconds(times, rules, stamp)
        if wait == 0:
            row.times = [*times, round(stamp, 3)]
            row.forget_at = now + timedelta(seconds=longest)
            row.save(update_fields=["times", "forget_at"])
    return wait


def _locked_times(
    action: str, subject_hash: str, longest: int
) -> tuple[ThrottledAct, datetime, list[float]]:
    """The row under its lock, the time now, and the moments that still count, oldest first: none
    of a clock that ran ahead, which would count until it is that late."""
    ThrottledAct.objects.bulk_create(
        [ThrottledAct(action=action, subject_hash=subject_hash)], ignore_conflicts=True
    )
    row = ThrottledAct.objects.select_for_update().get(action=action, subject_hash=subject_hash)
    now = timezone.now()
    oldest, newest = now.timestamp() - longest, latest_now().timestamp()
    return row, now, sorted(moment for moment in row.times if oldest < moment <= newest)


def _wait_seconds(times: list[float], rules: Sequence[tuple[int, int]], stamp: float) -> float:
    """Seconds until every rule has room again; 0 when there is room now."""
    wait = 0.0
    for limit, seconds in rules:
        inside = [moment for moment in times if moment > stamp - seconds]
        if len(inside) >= limit:
            wait = max(wait, inside[-limit] + seconds - stamp)
    return wait
