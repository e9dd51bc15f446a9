"""How an entry lives in the caller's transaction, on real connections with real commits."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, connection, transaction

from ledger import errors
from ledger.engine import prepared
from ledger.selectors import find_entry
from ledger.services import verify_ledger
from ledger.tests.books import Books


@pytest.fixture
def books(engine: str, transactional_db: None) -> Books:
    return Books()


def test_the_first_statement_of_a_transaction_is_rolled_back_with_it(books: Books) -> None:
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    with pytest.raises(RuntimeError), transaction.atomic():
        books.move(alice, bob, 1_00, key="undone")
        books.move(alice, bob, 1_00, key="undone too")
        raise RuntimeError
    assert find_entry("undone") is None
    assert books.available(alice) == 10_00
    books.prove()


def test_an_inner_block_is_rolled_back_alone(books: Books) -> None:
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    with transaction.atomic():
        books.move(alice, bob, 1_00, key="outer")
        with pytest.raises(RuntimeError), transaction.atomic():
            books.move(alice, bob, 2_00, key="inner")
            raise RuntimeError
    assert books.available(bob) == 1_00
    books.prove()


def test_without_a_transaction_an_entry_is_committed_at_once(books: Books) -> None:
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    books.move(alice, bob, 1_00)
    with pytest.raises(errors.InsufficientFunds):
        books.move(alice, bob, 10_00)
    connection.close()
    assert books.available(bob) == 1_00
    books.move(alice, bob, 1_00)
    books.prove()


def test_a_broken_transaction_takes_no_entry(books: Books) -> None:
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    with pytest.raises(DatabaseError), transaction.atomic():
        transaction.set_rollback(True)
        books.move(alice, bob, 1_00, key="after the fault")
    assert find_entry("after the fault") is None
    books.prove()


def test_a_fault_of_the_server_is_one_of_djangos_errors(books: Books, engine: str) -> None:
    if engine == "postgresql":
        assert prepared.is_fast_way_open(connection)
        with pytest.raises(DatabaseError):
            prepared.call_prepared(connection, b"wrong", b"SELECT nothing FROM nowhere", [])
        assert prepared.call_prepared(connection, b"right", b"SELECT $1::int + 1", [b"1"]) == [b"2"]
    assert verify_ledger().ok


def test_who_watches_statements_sees_an_entry_too(books: Books, engine: str) -> None:
    seen: list[str] = []

    def watch(execute: Any, sql: Any, params: Any, many: bool, context: Any) -> Any:
        seen.append(sql.decode() if isinstance(sql, bytes) else sql)
        return execute(sql, params, many, context)

    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    with connection.execute_wrapper(watch):
        if engine == "postgresql":
            assert prepared.is_fast_way_open(connection)
        books.move(alice, bob, 1_00)
    named = "ledger_post_entry" if engine == "postgresql" else "ledger_entry"
    assert any(named in sql for sql in seen)
    books.prove()


def test_a_pooler_without_prepared_statements_is_served_by_djangos_cursor(
    books: Books, settings: object
) -> None:
    settings.LEDGER_PREPARED_STATEMENTS = False  # type: ignore[attr-defined]
    if connection.vendor == "postgresql":
        assert not prepared.is_fast_way_open(connection)
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    first = books.move(alice, bob, 1_00, key="k")
    assert books.move(alice, bob, 1_00, key="k").id == first.id
    with pytest.raises(errors.InsufficientFunds):
        books.move(alice, bob, 10_00)
    books.prove()
