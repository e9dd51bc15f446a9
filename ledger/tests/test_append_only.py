"""The database refuses to change the journal, whoever asks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, transaction
from django.db.models import Model
from django.utils import timezone

from ledger.models import (
    Hold,
    HoldResolution,
    JournalEntry,
    JournalPosting,
    LedgerAccount,
    SealedBlock,
    UnfoldedIncrease,
)
from ledger.services import place_hold, seal_entries, void_hold
from ledger.tests.books import Books

JOURNAL = [JournalEntry, JournalPosting, Hold, HoldResolution, SealedBlock]


@pytest.fixture
def written(books: Books) -> Books:
    """Books with at least one row in every table."""
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    until = timezone.now() + timedelta(hours=1)
    hold = place_hold(key="h", debit=alice, credit=bob, amount_minor=1, expires_at=until)
    void_hold(hold_id=hold.pk, key="v")
    assert seal_entries() is not None
    # PostgreSQL refuses to empty or alter a table whose foreign keys are still to be checked.
    connection.check_constraints()
    return books


def refuses(act: Callable[[], object]) -> bool:
    """True when the database itself says that this table is append-only."""
    try:
        with transaction.atomic():
            act()
    except DatabaseError as error:
        return "append-only" in str(error)
    return False


@pytest.mark.parametrize("model", JOURNAL, ids=lambda model: model.__name__)
def test_a_journal_row_is_neither_changed_nor_deleted(written: Books, model: type[Model]) -> None:
    rows = model._default_manager.all()
    assert rows.exists()
    table, column = model._meta.db_table, model._meta.fields[1].column
    with connection.cursor() as cursor:
        assert refuses(lambda: cursor.execute(f"UPDATE {table} SET {column} = {column}"))  # nosec B608
        assert refuses(lambda: cursor.execute(f"DELETE FROM {table}"))  # nosec B608
    assert refuses(lambda: rows._raw_delete("default"))


def test_an_account_keeps_what_it_is_and_never_goes_away(written: Books) -> None:
    accounts = LedgerAccount.objects.all()
    assert refuses(lambda: accounts.update(kind="asset"))
    assert refuses(lambda: accounts.update(code="x"))
    assert refuses(lambda: accounts.update(currency="USD"))
    assert refuses(lambda: accounts.update(is_hot=True))
    assert refuses(lambda: accounts._raw_delete("default"))


def test_a_queued_increase_is_not_changed(written: Books) -> None:
    assert refuses(lambda: UnfoldedIncrease.objects.update(amount_minor=1_000_000))


def test_an_overdraft_is_refused_by_the_table_itself(written: Books) -> None:
    wallet = LedgerAccount.objects.filter(kind="liability").first()
    assert wallet is not None
    for change in ({"debits_posted": 10**9}, {"debits_pending": 10**9}, {"balance_cap_minor": 0}):
        with pytest.raises(DatabaseError, match="ledger_account_"), transaction.atomic():
            LedgerAccount.objects.filter(pk=wallet.pk).update(**change)


def test_on_postgresql_a_truncate_is_refused_too(written: Books) -> None:
    tables = [model._meta.db_table for model in [*JOURNAL, UnfoldedIncrease, LedgerAccount]]
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            for table in tables:
                assert refuses(lambda: cursor.execute(f"TRUNCATE {table} CASCADE"))  # noqa: B023
    assert JournalEntry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_the_test_runner_alone_can_empty_the_tables() -> None:
    books = Books("flush")
    books.wallet(holds_minor=1)
    call_command("flush", interactive=False, verbosity=0)
    assert not JournalEntry.objects.exists()
    # The guards are up again afterwards.
    books = Books("again")
    books.wallet(holds_minor=1)
    assert refuses(lambda: JournalEntry.objects.update(note="x"))
    books.prove()


def test_guards_that_were_taken_down_are_reported(written: Books) -> None:
    from ledger.append_only import missing_triggers

    with transaction.atomic():
        if connection.vendor == "postgresql":
            statement = "ALTER TABLE ledger_entry DISABLE TRIGGER ledger_entry_refuses_update"
        else:
            statement = "DROP TRIGGER ledger_entry_refuses_update"
        with connection.cursor() as cursor:
            cursor.execute(statement)
        assert missing_triggers(connection) == ["ledger_entry_refuses_update"]
        transaction.set_rollback(True)
    assert missing_triggers(connection) == []
