"""May this process be sent requests? Each part is looked at aside, and given little time.

A frozen Redis or a black-holed database keeps whoever asks it waiting for minutes. So nobody who
asks for readiness asks them: one thread per part does, and who waits for it gives up after
`PATIENCE_SECONDS`. A look that hangs is not joined by a second one, so hanging costs one thread
per part. What was found counts for a second: probing often is no load.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
import time
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from django.conf import settings
from django.core.cache import cache
from django.db import connections
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from walletsite.observability.counters import PROBE_FAILURES
from walletsite.observability.queue import quick_redis

logger = logging.getLogger(__name__)
PATIENCE_SECONDS = 1.5
_COUNTS_FOR_SECONDS = 1.0
_LEAST_FREE_BYTES = 64 * 1024 * 1024
# What a driver is given for one answer; a little less than our own patience.
_ANSWER_SECONDS = 1


class NotReady(Exception):
    """A part is out of order; the text is for our log."""


class Part:
    """One part of the whole, looked at by at most one thread at a time."""

    def __init__(self, name: str, look: Callable[[], None]) -> None:
        self.name = name
        self._look = look
        self._lock = threading.Lock()
        self._done: threading.Event | None = None
        self._fault: str | None = None
        self._looked_at = float("-inf")

    def begin(self) -> None:
        """Have somebody look, unless somebody does or did a moment ago."""
        with self._lock:
            is_looking = self._done is not None and not self._done.is_set()
            if is_looking or time.monotonic() - self._looked_at < _COUNTS_FOR_SECONDS:
                return
            self._done = threading.Event()
            threading.Thread(
                target=self._find_out, args=(self._done,), name=f"ready-{self.name}", daemon=True
            ).start()

    def fault(self, until: float) -> str | None:
        """What is wrong, None for nothing; waits up to the monotonic time `until` for the look."""
        done = self._done
        if done is not None and not done.wait(max(0.0, until - time.monotonic())):
            return "no answer in time"
        return self._fault

    def _find_out(self, done: threading.Event) -> None:
        fault: str | None = None
        try:
            self._look()
        except Exception as error:  # whatever is wrong with the part, it is not ready
            fault = f"{type(error).__name__}: {error}" if isinstance(error, NotReady) else (
                type(error).__name__
            )  # fmt: skip
        self._fault, self._looked_at = fault, time.monotonic()
        done.set()


def look_at_database() -> None:
    """It answers over a new connection, and has every migration that this code was written for."""
    connection = _own_connection()
    try:
        with connection.cursor() as cursor:
            if connection.vendor == "postgresql":
                cursor.execute(f"SET statement_timeout = {_ANSWER_SECONDS * 1000}")
            cursor.execute("SELECT 1")
        missing = needed_migrations() - set(MigrationRecorder(connection).applied_migrations())
    finally:
        connection.close()
    if missing:
        raise NotReady(f"{len(missing)} migrations are not applied")


def look_at_broker() -> None:
    """The queue takes messages: Redis answers, or the folder of the file queue can be written."""
    if not settings.REDIS_URL:
        _look_at_folder(settings.VAR_DIR / "queue")
        return
    client = quick_redis(_ANSWER_SECONDS)
    try:
        client.ping()
    finally:
        client.close()


def look_at_cache() -> None:
    """The cache answers a question; one that lives in the database stands and falls with it."""
    if settings.REDIS_URL:
        cache.get("ready")


def look_at_keys() -> None:
    """What one key of each purpose writes, it reads."""
    from accounts.identity.vault import blind_index, decrypt, encrypt

    if decrypt(encrypt("ready")) != "ready" or not blind_index("ready"):
        raise NotReady("the field keys do not open what they closed")
    if not all(settings.PAYMENT_PASSWORD_KEYS) or not settings.SECRET_KEY:
        raise NotReady("a key is empty")


def look_at_disk() -> None:
    """There is room below the data folder, and it takes a file."""
    if shutil.disk_usage(settings.VAR_DIR).free < _LEAST_FREE_BYTES:
        raise NotReady("less than 64 MB free")
    _look_at_folder(settings.VAR_DIR)


PARTS = (
    Part("database", look_at_database),
    Part("broker", look_at_broker),
    Part("cache", look_at_cache),
    Part("keys", look_at_keys),
    Part("disk", look_at_disk),
)


def find_faults() -> dict[str, bool]:
    """Every part, and whether it is in order; answers within `PATIENCE_SECONDS`."""
    until = time.monotonic() + PATIENCE_SECONDS
    for part in PARTS:
        part.begin()
    found = {part.name: part.fault(until) for part in PARTS}
    for name, fault in found.items():
        if fault is not None:
            PROBE_FAILURES.labels(name).inc()
            logger.warning("not ready: %s (%s)", name, fault)
    return {name: fault is None for name, fault in found.items()}


@lru_cache(maxsize=1)
def needed_migrations() -> frozenset[tuple[str, str]]:
    """All migrations of this code; more of them in the database are those of a newer version."""
    return frozenset(MigrationLoader(None).graph.nodes)


def _own_connection() -> BaseDatabaseWrapper:
    """A connection of this look alone, that gives up early."""
    connection = connections["default"].copy()
    options: dict[str, Any] = {**connection.settings_dict.get("OPTIONS", {})}
    if connection.vendor == "postgresql":
        options.pop("pool", None)
        options["connect_timeout"] = _ANSWER_SECONDS
        # The kernel gives up, too, on a server that went away without a word.
        options["tcp_user_timeout"] = _ANSWER_SECONDS * 1000
        options |= {"keepalives_idle": 1, "keepalives_interval": 1, "keepalives_count": 2}
    elif connection.vendor == "sqlite":
        options["timeout"] = _ANSWER_SECONDS
    connection.settings_dict = {**connection.settings_dict, "OPTIONS": options, "CONN_MAX_AGE": 0}
    return connection


def _look_at_folder(folder: Any) -> None:
    probe = folder / f".ready-{os.getpid()}"
    probe.write_bytes(b"ready")
    probe.unlink()
