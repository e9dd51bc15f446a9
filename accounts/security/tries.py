"""Counting wrong tries of a secret so that parallel tries cannot slip past the limit."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.security.clock import capped, latest_now
from accounts.security.keyed import keyed_hash
from accounts.security.models import Tries

_AT_ONCE = 1_000


@dataclass(frozen=True)
class Ladder:
    """What wrong tries in a row cost: count -> seconds; at `reset_only_after` time alone no longer
    helps, and without it the last step holds from there on: no ladder ends in free tries."""

    steps: Mapping[int, int]
    reset_only_after: int | None = None

    def seconds_at(self, wrong: int) -> int:
        """How long the lock after this many wrong tries lasts; 0 for none."""
        last = max(self.steps)
        if self.reset_only_after is None and wrong > last:
            return self.steps[last]
        return self.steps.get(wrong, 0)


@dataclass(frozen=True)
class TriesState:
    """Where somebody stands on a ladder now."""

    wrong: int = 0
    locked_until: datetime | None = None
    is_reset_only: bool = False

    @property
    def is_locked(self) -> bool:
        """Whether the next try would be refused without being looked at."""
        return self.is_reset_only or self.locked_until is not None


class TriesLocked(Exception):
    """The try was not looked at; `state` says until when."""

    def __init__(self, state: TriesState) -> None:
        super().__init__("locked")
        self.state = state


def subject_hash(*, scope: str, subject: str) -> str:
    """The key under which the tries of a subject are counted."""
    return keyed_hash(purpose=f"tries:{scope}", text=subject)


def take_try(*, scope: str, subject: str, ladder: Ladder) -> TriesState:
    """Count a try as wrong *before* the secret is looked at, in its own committed transaction.

    Of forty parallel tries at most as many pass as the ladder allows, whatever the hash costs
    and however long it takes; `clear_tries` gives the count back after a success. Raises
    `TriesLocked`; a try during a lock changes nothing, so it does not extend it.
    """
    key = subject_hash(scope=scope, subject=subject)
    with transaction.atomic(durable=True):
        Tries.objects.bulk_create([Tries(scope=scope, subject_hash=key)], ignore_conflicts=True)
        row = Tries.objects.select_for_update().get(scope=scope, subject_hash=key)
        state = _state(row)
        if not state.is_locked:
            now = timezone.now()
            row.wrong += 1
            seconds = ladder.seconds_at(row.wrong)
            row.locked_until = now + timedelta(seconds=seconds) if seconds else None
            most = ladder.reset_only_after
            row.is_reset_only = most is not None and row.wrong >= most
            row.updated_at = now
            row.save()
    if state.is_locked:
        raise TriesLocked(state)
    return _state(row)


def clear_tries(*, scope: str, subject: str) -> None:
    """Forget the wrong tries: after a success, a reset, or an unlock by staff."""
    Tries.objects.filter(
        scope=scope, subject_hash=subject_hash(scope=scope, subject=subject)
    ).update(wrong=0, locked_until=None, is_reset_only=False, updated_at=timezone.now())


def tries_state(*, scope: str, subject: str) -> TriesState:
    """Where the subject stands now."""
    return tries_state_of(scope=scope, key=subject_hash(scope=scope, subject=subject))


def tries_state_of(*, scope: str, key: str) -> TriesState:
    """The same for a key from `subject_hash`, where the subject itself must not be kept."""
    row = Tries.objects.filter(scope=scope, subject_hash=key).first()
    return _state(row) if row else TriesState()


def settle_locks() -> int:
    """The sweep: a lock of a clock that ran ahead begins now, and lasts as long as it would have;
    how many there were."""
    now, latest, settled = timezone.now(), latest_now(), 0
    # By the index on `locked_until`: it is never earlier than the other.
    ahead = Tries.objects.filter(locked_until__gt=latest, updated_at__gt=latest)
    for row in ahead[:_AT_ONCE]:
        same = Tries.objects.filter(pk=row.pk, updated_at=row.updated_at)
        settled += same.update(locked_until=now + _length(row), updated_at=now)
    return settled


def _state(row: Tries) -> TriesState:
    until = row.locked_until
    if until is not None:
        until = capped(until, seconds=_length(row).total_seconds())
    return TriesState(
        wrong=row.wrong,
        locked_until=until if until is not None and until > timezone.now() else None,
        is_reset_only=row.is_reset_only,
    )


def _length(row: Tries) -> timedelta:
    """How long its lock lasts: it was written with the try that began it, and none since."""
    assert row.locked_until is not None
    return row.locked_until - row.updated_at
