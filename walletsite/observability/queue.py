"""How many wake-ups wait in the broker. Not work: the rows are."""

from __future__ import annotations

from pathlib import Path

from celery import current_app
from django.conf import settings
from redis import Redis
from redis.backoff import NoBackoff
from redis.exceptions import RedisError
from redis.retry import Retry

_ANSWER_SECONDS = 0.5


def waiting_wake_ups() -> int | None:
    """Messages in the default queue; None when the broker does not say within half a second."""
    if not settings.REDIS_URL:
        folder = Path(settings.VAR_DIR) / "queue"
        return sum(1 for _ in folder.glob("*.msg")) if folder.is_dir() else 0
    client = quick_redis(_ANSWER_SECONDS)
    try:
        length = client.llen(current_app.conf.task_default_queue)
        return int(length)
    except RedisError:
        return None
    finally:
        client.close()


def quick_redis(seconds: float) -> Redis:
    """A client that gives each answer this long and never asks twice."""
    return Redis.from_url(
        settings.REDIS_URL,
        socket_timeout=seconds,
        socket_connect_timeout=seconds,
        retry=Retry(NoBackoff(), 0),
    )
