"""Others hold the database: a page to try again, whatever database it is; never a 500."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager

import psycopg
import pytest
from django.conf import settings
from django.db import OperationalError, connection
from django.test import Client, RequestFactory

from walletsite.shell import views
from walletsite.shell.busy import is_busy

WRONG = {"phone": "13900139000", "password": "wrong 1 wrong"}


@contextmanager
def held_by_somebody() -> Iterator[None]:
    """What signing in writes first is locked by another process, and this one waits a moment."""
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("PRAGMA busy_timeout = 50")
            with closing(sqlite3.connect(connection.settings_dict["NAME"])) as other:
                other.execute("BEGIN IMMEDIATE")
                yield
        else:
            cursor.execute("SET lock_timeout = 50")
            with psycopg.connect(**connection.get_connection_params(), autocommit=False) as other:
                other.execute("LOCK TABLE accounts_throttledact IN ACCESS EXCLUSIVE MODE")
                yield
                other.rollback()
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_a_lock_that_cannot_be_had_is_no_error_of_ours() -> None:
    browser = Client(headers={"accept-language": "en"}, raise_request_exception=False)
    with held_by_somebody():
        answer = browser.post("/sign-in/", WRONG)
    assert answer.status_code == 503
    assert int(answer["Retry-After"]) == settings.DATABASE_BUSY_RETRY_SECONDS
    page = answer.content.decode()
    assert "Too many things at once" in page and "before paying again" in page
    assert browser.post("/sign-in/", WRONG).status_code == 422


def test_what_fails_outside_of_every_view_gets_the_same_page() -> None:
    locked = sqlite3.OperationalError("database is locked")
    # SQLITE_BUSY_SNAPSHOT: more is said in the upper bits.
    locked.sqlite_errorcode = 517  # type: ignore[misc]
    try:
        try:
            raise OperationalError("database is locked") from locked
        except OperationalError as error:
            raise RuntimeError("while saving the session") from error
    except RuntimeError:
        assert views.server_error(RequestFactory().get("/")).status_code == 503


@pytest.mark.parametrize(
    ("cause", "is_it"),
    [
        (psycopg.errors.LockNotAvailable("x"), True),
        (psycopg.errors.DeadlockDetected("x"), True),
        (psycopg.errors.SerializationFailure("x"), True),
        (psycopg.errors.QueryCanceled("x"), False),
        (sqlite3.OperationalError("no such table: x"), False),
        (None, False),
    ],
)
def test_other_troubles_of_a_database_stay_errors(cause: Exception | None, is_it: bool) -> None:
    error = OperationalError("x")
    error.__cause__ = cause
    assert is_busy(error) is is_it
    assert not is_busy(cause)
