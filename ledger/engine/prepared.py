"""Calling a prepared statement through Django's connection, with as little between as possible.

Django's cursor interpolates values on the client and lets the server parse and plan each statement
anew; psycopg's cursor adapts, waits and fetches in Python. Both together cost more than booking
does. So the one hot call of the ledger speaks to `psycopg.pq`, psycopg's documented lower half,
which releases the GIL while the server works.

Where anything but speed is wanted, `is_fast_way_open` says no and the caller takes Django's cursor:
- Django logs its queries (debugging, tests that count them);
- a transaction block has begun in Django but not yet on the server: psycopg sends BEGIN with its
  next cursor, and a call that overtook it would commit by itself;
- `LEDGER_PREPARED_STATEMENTS = False`, for poolers that do not know prepared statements.

Wrappers around statements (`connection.execute_wrappers`: metrics, tests) see this call too.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import cache, partial
from typing import Any
from weakref import WeakKeyDictionary

from django.conf import settings
from django.core.signals import setting_changed
from django.db.backends.base.base import BaseDatabaseWrapper
from psycopg import Connection, errors, pq

_IDLE = pq.TransactionStatus.IDLE
_GOOD = (pq.ExecStatus.TUPLES_OK, pq.ExecStatus.COMMAND_OK)

# Which statements each living server connection knows.
_prepared: WeakKeyDictionary[Connection[Any], set[bytes]] = WeakKeyDictionary()


def is_fast_way_open(connection: BaseDatabaseWrapper) -> bool:
    """True when a direct call means the same as one through Django's cursor. Connects if needed."""
    if connection.queries_logged or not _may_prepare():
        return False
    connection.close_if_health_check_failed()
    connection.ensure_connection()
    raw = connection.connection
    return connection.autocommit or raw.pgconn.transaction_status != _IDLE


@cache
def _may_prepare() -> bool:
    return getattr(settings, "LEDGER_PREPARED_STATEMENTS", True)


def _ask_again(*, setting: str, **_: object) -> None:
    if setting == "LEDGER_PREPARED_STATEMENTS":
        _may_prepare.cache_clear()


# Sent by Django's override_settings: only tests change settings while the site runs.
setting_changed.connect(_ask_again)


def call_prepared(
    connection: BaseDatabaseWrapper,
    name: bytes,
    statement: bytes,
    values: Sequence[bytes | None],
) -> list[bytes | None]:
    """The one row that `statement` returns, as text. Raises Django's database errors."""
    connection.validate_no_broken_transaction()

    def carry_out(sql: bytes, params: Any, *_: object) -> list[bytes | None]:
        raw = connection.connection
        with connection.wrap_database_errors:
            known = _prepared.setdefault(raw, set())
            if name not in known:
                _check(raw.pgconn.prepare(name, sql))
                known.add(name)
            result = raw.pgconn.exec_prepared(name, params)
            _check(result)
            return [result.get_value(0, column) for column in range(result.nfields)]

    # In the order of Django's cursor.
    executor: Callable[..., list[bytes | None]] = carry_out
    for wrapper in reversed(connection.execute_wrappers):
        executor = partial(wrapper, executor)
    context = {"connection": connection, "cursor": None}
    return executor(statement, values, False, context)


def _check(result: Any) -> None:
    if result.status not in _GOOD:
        raise errors.error_from_result(result)
