"""A database that fell silent: a web server's thread waits for it so long and no longer.

PostgreSQL ends what takes too long by itself (`statement_timeout`). That helps nobody who cannot
hear it: behind a proxy or a firewall that swallows packets, or when the server is frozen, a thread
would wait for ever, and soon all of them. So the client has a limit of its own, a little above the
server's. What it ends this way is unknown, as with any cut connection: the page of the payment says
what became of it.

For web servers only: workers have Celery's time limit, and commands may take as long as they need.
"""

from __future__ import annotations

from functools import partial
from typing import Any

import psycopg
from django.conf import settings
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created


def end_silent_waits() -> None:
    """Have every connection to PostgreSQL that is made from now on wait so long at most."""
    connection_created.connect(_limit)


def _limit(connection: BaseDatabaseWrapper, **_: object) -> None:
    if connection.vendor == "postgresql":
        raw: Any = connection.connection
        # Everything psycopg waits for, statements as well as the end of transactions, waits here.
        raw.wait = partial(_wait, raw)


def _wait(
    raw: psycopg.Connection[Any], gen: Any, interval: float = 0.1, timeout: float | None = None
) -> Any:
    seconds = settings.DATABASE_SILENCE_SECONDS
    if timeout is not None:
        return psycopg.Connection.wait(raw, gen, interval, timeout)
    try:
        return psycopg.Connection.wait(raw, gen, interval, seconds)
    except psycopg.errors._WaitTimeout as silence:
        # What is half said cannot be taken up again.
        raw.pgconn.finish()
        raise psycopg.OperationalError(f"no answer within {seconds} s") from silence
