"""Counters in Redis: as exact as rows, and no reason to wait or to let go when it is silent."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Iterator
from typing import Any

import pytest
from redis import Redis

from accounts.phone.tasks import deliver_code
from accounts.security import redis_counters
from accounts.security.models import ThrottledAct
from accounts.security.patience import Patience, redis_patience
from accounts.security.throttle import TooManyRequests, give_back, hit
from tests.race import all_at_once, codes_of
from tests.services.redis import RedisServer, running_redis

pytestmark = [pytest.mark.redis, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def counters(redis_server: RedisServer, settings: Any) -> Iterator[Redis]:
    """The throttle counts in an empty Redis."""
    settings.REDIS_URL = redis_server.url
    redis_patience.it_answered()
    with Redis.from_url(redis_server.url, decode_responses=True) as client:
        client.flushall()
        yield client
    redis_patience.it_answered()


def test_of_many_at_once_exactly_as_many_as_allowed_are_let_through(counters: Redis) -> None:
    results = all_at_once(
        30, lambda _number: hit(action="t", subject="s", rules=[(7, 60), (20, 3600)])
    )
    assert codes_of(results) == {"": 7, "throttle": 23}
    assert not ThrottledAct.objects.exists()


def test_a_window_rolls_and_a_refused_act_does_not_push_it_away(counters: Redis) -> None:
    rules = [(2, 2), (3, 3600)]
    hit(action="t", subject="s", rules=rules)
    hit(action="t", subject="s", rules=rules)
    for _again in range(3):
        with pytest.raises(TooManyRequests) as refused:
            hit(action="t", subject="s", rules=rules)
        assert refused.value.retry_after_seconds in {1, 2, 3}
    hit(action="t", subject="other", rules=rules)
    time.sleep(2.1)
    hit(action="t", subject="s", rules=rules)
    with pytest.raises(TooManyRequests) as refused:
        hit(action="t", subject="s", rules=rules)
    assert 3590 <= refused.value.retry_after_seconds <= 3600


def test_an_act_can_be_given_back(counters: Redis) -> None:
    hit(action="t", subject="s", rules=[(1, 60)])
    give_back(action="t", subject="s")
    hit(action="t", subject="s", rules=[(1, 60)])
    give_back(action="t", subject="nobody")


def test_a_counter_names_nobody_and_goes_away_by_itself(counters: Redis) -> None:
    hit(action="sign_in", subject="+8613800136027", rules=[(1, 60), (5, 3600)])
    [key] = map(str, counters.keys())
    assert key.startswith("wallet:throttle:sign_in:") and "136027" not in key
    assert 3600 <= counters.ttl(key) <= 3601


def test_a_frozen_redis_costs_half_a_second_once_and_the_limit_holds(settings: Any) -> None:
    with running_redis() as server:
        settings.REDIS_URL = server.url
        redis_patience.it_answered()
        hit(action="t", subject="s", rules=[(2, 60)])
        os.kill(server.process.pid, signal.SIGSTOP)
        try:
            began = time.monotonic()
            for _number in range(2):
                hit(action="t", subject="s", rules=[(2, 60)])
            with pytest.raises(TooManyRequests):
                hit(action="t", subject="s", rules=[(2, 60)])
            give_back(action="t", subject="s")
            assert time.monotonic() - began < 3
            assert ThrottledAct.objects.count() == 1
        finally:
            os.kill(server.process.pid, signal.SIGCONT)
        redis_patience.it_answered()
        with pytest.raises(TooManyRequests):
            # What Redis was asked while it was frozen counts once it wakes up: stricter, not laxer.
            for _number in range(2):
                hit(action="t", subject="s", rules=[(2, 60)])
    redis_patience.it_answered()


def test_a_redis_that_is_gone_is_not_asked_again_at_once(settings: Any) -> None:
    settings.REDIS_URL = "redis://127.0.0.1:1/0"
    redis_patience.it_answered()
    hit(action="t", subject="s", rules=[(1, 60)])
    assert redis_patience.is_resting()
    with pytest.raises(redis_counters.CountersUnavailableError):
        redis_counters.take("t:s", [(1, 60)])
    redis_patience.it_answered()


def test_nobody_publishes_to_a_redis_that_just_did_not_answer() -> None:
    from kombu.exceptions import OperationalError

    task = deliver_code
    redis_patience.it_failed()
    with pytest.raises(OperationalError):
        task.apply_async(args=(1,))
    redis_patience.it_answered()


def test_a_rest_ends_by_itself() -> None:
    patience = Patience(rest_seconds=0.1)
    assert patience.it_failed() is True
    assert patience.it_failed() is False
    assert patience.is_resting()
    time.sleep(0.15)
    assert not patience.is_resting()
