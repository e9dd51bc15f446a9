"""Lets the test runner, and only it, empty tables that refuse to be emptied.

A transactional test ends with Django's `flush`, which the append-only triggers rightly refuse. This
pytest plugin wraps the one method that runs the flush. On PostgreSQL triggers are off for that one
transaction (`session_replication_role`, which only a superuser may set: the test server's user is
one, an application's role must not be). On SQLite the triggers are taken down, and put up again
from their own text, in that same transaction. It treats the triggers of all apps alike and nothing
of it is reachable outside a test run.

Root conftest: `pytest_plugins = ["ledger.tests.flush"]`.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import contextmanager

import pytest
from django.db import transaction
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.base.operations import BaseDatabaseOperations


@pytest.fixture(autouse=True, scope="session")
def append_only_tables_can_be_flushed() -> Iterator[None]:
    """Wrap the flush for the length of the test session."""
    original = BaseDatabaseOperations.execute_sql_flush

    def execute_sql_flush(self: BaseDatabaseOperations, sql_list: Iterable[str]) -> None:
        with without_triggers(self.connection):
            original(self, sql_list)

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(BaseDatabaseOperations, "execute_sql_flush", execute_sql_flush)
        yield


@contextmanager
def without_triggers(connection: BaseDatabaseWrapper) -> Iterator[None]:
    """No trigger fires inside, on this connection, until the transaction that it opens ends."""
    with transaction.atomic(using=connection.alias), connection.cursor() as cursor:
        if connection.vendor == "postgresql":
            cursor.execute("SET LOCAL session_replication_role = replica")
            yield
            cursor.execute("SET LOCAL session_replication_role = origin")
            return
        cursor.execute("SELECT name, sql FROM sqlite_master WHERE type = 'trigger'")
        triggers = cursor.fetchall()
        for name, _ in triggers:
            cursor.execute(f'DROP TRIGGER "{name}"')
        yield
        for _, statement in triggers:
            cursor.execute(statement)
