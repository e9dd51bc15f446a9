"""A database that takes requests and answers none holds a web server's thread only so long."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import OperationalError
from django.db.backends.signals import connection_created
from django.db.utils import ConnectionHandler

from tests.faults.proxy import Mode, Proxy
from tests.services.postgresql import start_postgresql
from walletsite import silence

pytestmark = [pytest.mark.serial, pytest.mark.once]


@pytest.fixture(scope="module")
def socket() -> Path:
    """Where a PostgreSQL listens."""
    return Path(urlsplit(start_postgresql()).path.rsplit("/", 1)[0][1:]) / ".s.PGSQL.5432"


@pytest.fixture
def proxy(socket: Path) -> Iterator[Proxy]:
    """The network between."""
    proxy = Proxy(socket)
    yield proxy
    proxy.close()


@pytest.fixture
def connection(proxy: Proxy, settings: Any, django_db_blocker: Any) -> Iterator[Any]:
    """A connection of a web server, with a second's patience."""
    settings.DATABASE_SILENCE_SECONDS = 1
    silence.end_silent_waits()
    made = ConnectionHandler({
        "default": {
            "ENGINE": "django.db.backends.postgresql",
            "NAME": "postgres", "USER": "wallet", "HOST": "127.0.0.1", "PORT": proxy.port,
            "CONN_HEALTH_CHECKS": True, "CONN_MAX_AGE": 60,
        }
    })["default"]  # fmt: skip
    # Not the database of the tests, so pytest-django need not guard it.
    with django_db_blocker.unblock():
        yield made
        made.close()
    connection_created.disconnect(silence._limit)


def ask(connection: Any) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT 41 + 1")
        return int(cursor.fetchone()[0])


@pytest.mark.parametrize("mode", [Mode.HOLE, Mode.SWALLOW])
def test_a_silent_database_is_given_up_and_asked_anew(
    connection: Any, proxy: Proxy, mode: Mode
) -> None:
    assert ask(connection) == 42
    proxy.set(mode)
    began = time.monotonic()
    with pytest.raises(OperationalError, match="no answer within 1 s"):
        ask(connection)
    assert 0.9 < time.monotonic() - began < 5
    # What Django does at the end of a request.
    connection.close_if_unusable_or_obsolete()
    proxy.set(Mode.PASS)
    assert ask(connection) == 42


def test_the_end_of_a_transaction_is_not_waited_for_either(connection: Any, proxy: Proxy) -> None:
    connection.ensure_connection()
    connection.set_autocommit(False)
    ask(connection)
    proxy.set(Mode.SWALLOW)
    began = time.monotonic()
    with pytest.raises(OperationalError, match="no answer within 1 s"):
        connection.commit()
    assert time.monotonic() - began < 5
    connection.close()
    proxy.set(Mode.PASS)
    assert ask(connection) == 42


def test_what_takes_long_and_is_within_the_limit_is_left_alone(connection: Any) -> None:
    with connection.cursor() as cursor:
        for _number in range(3):
            cursor.execute("SELECT pg_sleep(0.6)")
    assert ask(connection) == 42
