"""Counters in Redis: exact under any parallelism, because Redis runs one script at a time."""

from __future__ import annotations

import logging
import secrets
from collections.abc import Sequence
from functools import cache

from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

from accounts.security.patience import redis_patience

logger = logging.getLogger(__name__)

# KEYS: the counter. ARGV: a name for this act, the slack of clocks, then limit and seconds of each
# rule. Answers the seconds to wait as text, "0" when the act was counted. The clock is Redis's own:
# one for all; what it counted while it ran ahead is forgotten.
_TAKE = """
local time = redis.call('TIME')
local now = tonumber(time[1]) + tonumber(time[2]) / 1000000
local longest, wait = 0, 0
for place = 3, #ARGV, 2 do longest = math.max(longest, tonumber(ARGV[place + 1])) end
redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - longest)
redis.call('ZREMRANGEBYSCORE', KEYS[1], now + tonumber(ARGV[2]), '+inf')
for place = 3, #ARGV, 2 do
  local limit, seconds = tonumber(ARGV[place]), tonumber(ARGV[place + 1])
  local since = '(' .. string.format('%.6f', now - seconds)
  if redis.call('ZCOUNT', KEYS[1], since, '+inf') >= limit then
    local oldest = redis.call('ZREVRANGE', KEYS[1], limit - 1, limit - 1, 'WITHSCORES')[2]
    wait = math.max(wait, tonumber(oldest) + seconds - now)
  end
end
if wait > 0 then return tostring(wait) end
redis.call('ZADD', KEYS[1], string.format('%.6f', now), ARGV[1])
redis.call('EXPIRE', KEYS[1], math.ceil(longest) + 1)
return '0'
"""


class CountersUnavailableError(Exception):
    """Redis did not answer, or answered long ago that it does not: count elsewhere."""


def take(counter: str, rules: Sequence[tuple[int, int]]) -> float:
    """Count one act, or say how many seconds until it may be counted; 0 when it was.

    Raises CountersUnavailableError, after half a second at most.
    """
    numbers = [number for rule in rules for number in rule]
    act, slack = secrets.token_hex(8), settings.CLOCK_SLACK_SECONDS
    return float(_ask("EVAL", _TAKE, 1, _key(counter), act, slack, *numbers))


def give_back(counter: str) -> None:
    """Forget the newest act. Raises CountersUnavailableError."""
    _ask("ZPOPMAX", _key(counter))


def _key(counter: str) -> str:
    return f"{settings.REDIS_PREFIX}throttle:{counter}"


def _ask(*words: str | int) -> str:
    if redis_patience.is_resting():
        raise CountersUnavailableError
    try:
        answer: str = _client(settings.REDIS_URL).execute_command(*words)
    except (RedisError, OSError) as error:
        if redis_patience.it_failed():
            logger.warning("Redis: %s; counting in the database", type(error).__name__)
        raise CountersUnavailableError from error
    return answer


@cache
def _client(url: str) -> Redis:
    """One attempt and a short one: a person waits, and the database counts as well."""
    seconds = settings.REDIS_TIMEOUT_SECONDS
    return Redis.from_url(
        url,
        decode_responses=True,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )
