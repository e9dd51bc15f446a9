"""How often somebody may do something: exact rolling windows, right with many processes.

Counted in Redis where there is one (docs/adr/0006-counters-in-redis.md), else in rows. While Redis
does not answer, rows count: nobody is let through uncounted, and nobody is shut out.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.security import redis_counters
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


def hit(*, action: str, subject: str, rules: Sequence[tuple[int, int]]) -> None:
    """Count one act of `subject`, or raise `TooManyRequests` when a rule is used up.

    `rules` are (how many, in how many seconds). A refused act is not counted, so going on
    trying does not push the end away. Its own committed transaction: call it outside any
    other one, or a rollback would forget the count.
    """
    subject_hash = keyed_hash(purpose=f"throttle:{action}", text=subject)
    wait = _take_in_redis(action, subject_hash, rules)
    if wait is None:
        wait = _take_in_rows(action, subject_hash, rules)
    if wait > 0:
        raise TooManyRequests(int(wait) + 1)


def take_room(*, action: str, subject: str, rules: Sequence[tuple[int, int]], wanted: int) -> int:
    """Count up to `wanted` acts at once, as many as the rules have room for; how many were.

    For acts that come in hundreds: one transaction, not one each. Counted in rows alone, so keep
    its actions apart from those of `hit`. Call it outside any other transaction.
    """
    subject_hash = keyed_hash(purpose=f"throttle:{action}", text=subject)
    longest = max(seconds for _limit, seconds in rules)
    with transaction.atomic(durable=True):
        row, now, times = _locked_times(action, subject_hash, longest)
        stamp = now.timestamp()
        room = min(
            limit - sum(moment > stamp - seconds for moment in times) for limit, seconds in rules
        )
        taken = max(min(room, wanted), 0)
        row.times = [*times, *[round(stamp, 3)] * taken]
        row.forget_at = now + timedelta(seconds=longest)
        row.save(update_fields=["times", "forget_at"])
    return taken


def give_back(*, action: str, subject: str) -> None:
    """Uncount the newest act, where only wrong ones are meant to count."""
    subject_hash = keyed_hash(purpose=f"throttle:{action}", text=subject)
    if settings.REDIS_URL:
        try:
            redis_counters.give_back(f"{action}:{subject_hash}")
            return
        except redis_counters.CountersUnavailableError:
            pass
    with transaction.atomic(durable=True):
        row = (
            ThrottledAct.objects.select_for_update()
            .filter(action=action, subject_hash=subject_hash)
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
    """The row under its lock, the time now, and the moments that still count."""
    ThrottledAct.objects.bulk_create(
        [ThrottledAct(action=action, subject_hash=subject_hash)], ignore_conflicts=True
    )
    row = ThrottledAct.objects.select_for_update().get(action=action, subject_hash=subject_hash)
    now = timezone.now()
    return row, now, [moment for moment in row.times if moment > now.timestamp() - longest]


def _wait_seconds(times: list[float], rules: Sequence[tuple[int, int]], stamp: float) -> float:
    """Seconds until every rule has room again; 0 when there is room now."""
    wait = 0.0
    for limit, seconds in rules:
        inside = [moment for moment in times if moment > stamp - seconds]
        if len(inside) >= limit:
            wait = max(wait, inside[-limit] + seconds - stamp)
    return wait
