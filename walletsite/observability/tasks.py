"""Celery seen from outside: the request that caused a task, its count, its time, its line."""

from __future__ import annotations

import logging
import threading
import time
from contextvars import Token
from typing import Any

from celery import signals
from django.conf import settings

from walletsite.observability import context
from walletsite.observability.counters import TASK_SECONDS, TASKS

logger = logging.getLogger("wallet.tasks")
_HEADER = "wallet_request_id"
# Task id -> when it began, and what was known before: tasks of a thread pool run side by side.
_running: dict[str, tuple[float, Token[context.Facts]]] = {}


def watch_tasks() -> None:
    """Connect to Celery's signals; in a publisher as well as in a worker."""
    signals.before_task_publish.connect(_say_which_request)
    signals.task_prerun.connect(_begin)
    signals.task_postrun.connect(_end)
    # A receiver here tells Celery that logging is set up already, by Django.
    signals.setup_logging.connect(_keep_logging)
    signals.worker_ready.connect(_answer_for_metrics)


def _say_which_request(headers: dict[str, Any] | None = None, **_: object) -> None:
    request_id = context.current_facts().get("request_id")
    if headers is not None and request_id:
        headers[_HEADER] = request_id


def _begin(task_id: str, task: Any, **_: object) -> None:
    facts = {"task": task.name, "task_id": task_id}
    if request_id := _request_id_of(task.request):
        facts["request_id"] = request_id
    _running[task_id] = (time.perf_counter(), context.start_anew(facts))


def _request_id_of(request: Any) -> str:
    given = getattr(request, _HEADER, None) or (request.headers or {}).get(_HEADER)
    return given if isinstance(given, str) and context.is_request_id(given) else ""


def _end(task_id: str, task: Any, state: str | None = None, **_: object) -> None:
    began, token = _running.pop(task_id, (time.perf_counter(), None))
    seconds = time.perf_counter() - began
    outcome = (state or "unknown").lower()
    TASKS.labels(task.name, outcome).inc()
    TASK_SECONDS.labels(task.name).observe(seconds)
    # What the clock does every few seconds would drown the rest.
    level = logging.DEBUG if task.name in settings.SWEEPS else logging.INFO
    logger.log(level, "done", extra={"outcome": outcome, "ms": round(seconds * 1000, 1)})
    if token is not None:
        context.undo(token)


def _keep_logging(**_: object) -> None:
    """Nothing to do: `LOGGING` is in force."""


def _answer_for_metrics(**_: object) -> None:
    """A worker in a container of its own answers `/metrics` and `/healthz` where it is told to."""
    place = settings.METRICS["worker_listens_on"]
    if not place:
        return
    from walletsite.observability.worker import make_worker_server

    host, _colon, port = place.rpartition(":")
    server = make_worker_server(host, int(port))
    threading.Thread(target=server.serve_forever, name="metrics", daemon=True).start()
