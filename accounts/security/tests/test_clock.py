"""A clock that ran ahead and was set right: what it wrote shuts nobody out for days."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.security import redis_counters
from accounts.security.models import ThrottledAct, Tries
from accounts.security.patience import redis_patience
from accounts.security.throttle import TooManyRequests, hit
from accounts.security.tries import Ladder, TriesLocked, settle_locks, take_try, tries_state
from tests.services.redis import RedisServer

pytestmark = pytest.mark.django_db
RULES = [(3, 3600)]
LADDER = Ladder(steps={2: 900, 4: 3600})


def act() -> None:
    hit(action="t", subject="s", rules=RULES)


def wrong(times: int = 1) -> None:
    for _time in range(times):
        take_try(scope="s", subject="x", ladder=LADDER)


def test_acts_of_a_clock_that_ran_ahead_are_not_counted() -> None:
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=True):
        for _time in range(5):
            with suppress(TooManyRequests):
                act()
    for _time in range(3):
        act()
    with pytest.raises(TooManyRequests) as refused:
        act()
    assert refused.value.retry_after_seconds <= 3601
    assert len(ThrottledAct.objects.get().times) == 3


def test_acts_of_another_server_whose_clock_is_a_little_ahead_are_counted() -> None:
    with time_machine.travel(timezone.now() + timedelta(seconds=20), tick=True):
        for _time in range(3):
            act()
    with pytest.raises(TooManyRequests):
        act()


@pytest.mark.redis
def test_redis_forgets_what_it_counted_while_its_clock_ran_ahead(
    redis_server: RedisServer, settings: Any
) -> None:
    settings.REDIS_URL = redis_server.url
    redis_patience.it_answered()
    key = redis_counters._key("t:ahead")
    ahead = timezone.now().timestamp() + 2 * 86_400
    for number in range(3):
        redis_counters._ask("ZADD", key, str(ahead + number), f"act {number}")
    # Twenty seconds are a difference of clocks.
    redis_counters._ask("ZADD", key, str(timezone.now().timestamp() + 20), "a little ahead")
    assert [redis_counters.take("t:ahead", RULES) for _time in range(2)] == [0, 0]
    assert 0 < redis_counters.take("t:ahead", RULES) <= 3620


def test_a_lock_of_a_clock_that_ran_ahead_lasts_no_longer_than_it_would_have() -> None:
    with time_machine.travel(timezone.now() + timedelta(days=2), tick=True):
        wrong(2)
    quarter = timedelta(seconds=900)
    until = tries_state(scope="s", subject="x").locked_until
    assert until is not None and until <= timezone.now() + quarter
    with pytest.raises(TriesLocked):
        wrong()
    assert settle_locks() == 1
    assert settle_locks() == 0
    with time_machine.travel(timezone.now() + quarter, tick=True):
        assert not tries_state(scope="s", subject="x").is_locked
        wrong()
    # What was counted stays counted.
    assert Tries.objects.get().wrong == 3


def test_a_lock_of_a_right_clock_is_left_alone() -> None:
    wrong(2)
    until = Tries.objects.get().locked_until
    assert settle_locks() == 0
    assert tries_state(scope="s", subject="x").locked_until == until
