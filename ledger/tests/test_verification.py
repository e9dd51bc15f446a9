"""The proof finds what somebody with a database prompt could do."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from ledger.models import Hold, JournalEntry
from ledger.seals import START
from ledger.services import (
    Posting,
    capture_hold,
    fold_pending_credits,
    place_hold,
    post_entry,
    reverse_entry,
    seal_entries,
    verify_ledger,
)
from ledger.tests.books import Books
from ledger.tests.flush import without_triggers


class Undo(Exception):
    """Takes the planted fault back, so that the books are right again for the last proof."""


@pytest.fixture
def plant(books: Books) -> Callable[..., list[str]]:
    """Run statements with the guards down, and say what the proof finds."""
    alice, bob = books.wallet(holds_minor=50_00), books.wallet()
    shop = books.merchant()
    books.move(alice, bob, 5_00, key="first")
    books.move(alice, shop, 5_00, key="second")
    until = timezone.now() + timedelta(hours=1)
    ends = place_hold(key="h1", debit=alice, credit=bob, amount_minor=2_00, expires_at=until)
    capture_hold(hold_id=ends.pk, key="c1", amount_minor=1_00)
    place_hold(key="h2", debit=alice, credit=bob, amount_minor=3_00, expires_at=until)
    reverse_entry(entry_id=JournalEntry.objects.get(key="first").pk, key="r1", reason="test")
    seal_entries()
    books.prove()
    connection.check_constraints()

    def planted(*statements: str) -> list[str]:
        problems: list[str] = []
        try:
            with without_triggers(connection):
                with connection.cursor() as cursor:
                    for statement in statements:
                        cursor.execute(statement)
                # The triggers are down on purpose; what else is there?
                problems = [line for line in verify_ledger().problems if "trigger" not in line]
                raise Undo
        except Undo:
            return problems

    return planted


ENTRY = "(SELECT id FROM ledger_entry WHERE key = 'second')"
FIRST = "(SELECT id FROM ledger_entry WHERE key = 'first')"
WALLET = "(SELECT debit_account_id FROM ledger_posting WHERE entry_id = " + ENTRY + ")"  # nosec B608
SHOP = "(SELECT credit_account_id FROM ledger_posting WHERE entry_id = " + ENTRY + ")"  # nosec B608
OPEN_HOLD = "(SELECT id FROM ledger_hold WHERE key = 'h2')"
CAPTURED = "(SELECT entry_id FROM ledger_hold_resolution WHERE captured_minor > 0)"


# Put into a statement by name.
PLACES = {
    "ENTRY": ENTRY, "FIRST": FIRST, "WALLET": WALLET, "SHOP": SHOP,
    "OPEN_HOLD": OPEN_HOLD, "CAPTURED": CAPTURED,
}  # fmt: skip


@pytest.mark.parametrize(
    ("statement", "said"),
    [
        ("UPDATE ledger_posting SET amount_minor = 1 WHERE entry_id = {ENTRY}", "seal broken"),
        ("UPDATE ledger_posting SET amount_minor = 1 WHERE entry_id = {ENTRY}", "input digest"),
        ("UPDATE ledger_posting SET amount_minor = 1 WHERE entry_id = {ENTRY}", "counts"),
        ("UPDATE ledger_entry SET note = 'x' WHERE id = {ENTRY}", "seal broken"),
        ("UPDATE ledger_entry SET created_at = '2020-01-01' WHERE id = {ENTRY}", "seal broken"),
        ("DELETE FROM ledger_posting WHERE entry_id = {ENTRY}", "no postings"),
        (
            "UPDATE ledger_account SET credits_posted = credits_posted + 1 WHERE id = {WALLET}",
            "counts",
        ),
        (
            "UPDATE ledger_account SET debits_pending = 0 WHERE id = {WALLET}",
            "counts",
        ),
        ("DELETE FROM ledger_unfolded_increase", "counts"),
        (
            "INSERT INTO ledger_unfolded_increase (account_id, amount_minor) VALUES ({SHOP}, 1)",
            "counts",
        ),
        (
            "INSERT INTO ledger_unfolded_increase (account_id, amount_minor) VALUES ({WALLET}, 1)",
            "not hot",
        ),
        ("DELETE FROM ledger_hold WHERE id = {OPEN_HOLD}", "counts"),
        ("UPDATE ledger_hold_resolution SET captured_minor = 300", "more than was held"),
        (
            "UPDATE ledger_posting SET amount_minor = 50 WHERE entry_id = {CAPTURED}",
            "captured without the entry",
        ),
        (
            "UPDATE ledger_posting SET amount_minor = 1 WHERE entry_id = {FIRST}",
            "not what its reversal swaps",
        ),
        ("UPDATE ledger_sealed_block SET chain_digest = 'x'", "seal broken"),
        ("UPDATE ledger_sealed_block SET entry_count = entry_count - 1", "seal broken"),
        ("UPDATE ledger_sealed_block SET last_entry_id = last_entry_id + 1000", "seal broken"),
        (
            "UPDATE ledger_account SET closed_at = '2026-01-01' WHERE id = {WALLET}",
            "closed and not empty",
        ),
        ("UPDATE ledger_account SET currency = 'USD' WHERE kind = 'asset'", "mixes currencies"),
    ],
)
def test_a_planted_fault_is_named(
    plant: Callable[..., list[str]], statement: str, said: str
) -> None:
    problems = plant(statement.format(**PLACES))
    assert any(said in problem for problem in problems), problems


def test_an_entry_that_was_slipped_in_breaks_the_seal(plant: Callable[..., list[str]]) -> None:
    problems = plant(
        "INSERT INTO ledger_entry (id, key, input_digest, event, note, created_at) "
        "VALUES (-1, 'slipped', 'x', 'e', '', '2026-01-01')",
    )
    assert any("seal broken" in problem for problem in problems)


def test_the_head_does_not_depend_on_when_blocks_were_closed(books: Books) -> None:
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    assert verify_ledger().head != START
    before = verify_ledger().head
    assert seal_entries() is not None
    assert seal_entries() is None
    assert verify_ledger().head == before
    books.move(alice, bob, 1)
    report = verify_ledger()
    assert report.head != before
    assert report.sealed_up_to < JournalEntry.objects.latest("pk").pk
    assert seal_entries() is not None
    assert verify_ledger().head == report.head


def test_the_proof_counts_what_it_read(books: Books) -> None:
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    post_entry(key="two", event="e", postings=[Posting(alice, bob, 1), Posting(alice, bob, 2)])
    fold_pending_credits()
    report = verify_ledger()
    assert report.ok
    assert (report.accounts, report.entries, report.postings) == (3, 2, 3)
    assert report.totals_minor == {"CNY": 10_03}


def test_the_command_prints_the_head_and_fails_loudly(books: Books) -> None:
    books.wallet(holds_minor=10_00)
    out = StringIO()
    call_command("verify_ledger", stdout=out)
    assert verify_ledger().head in out.getvalue()
    assert "entries 1" in out.getvalue()
    err = StringIO()
    connection.check_constraints()
    try:
        with without_triggers(connection):
            with connection.cursor() as cursor:
                cursor.execute("UPDATE ledger_entry SET note = 'x'")
            with pytest.raises(CommandError):
                call_command("verify_ledger", stdout=out, stderr=err)
            raise Undo
    except Undo:
        assert "input digest" in err.getvalue()


def test_an_empty_ledger_is_right(engine: str, db: None) -> None:
    report = verify_ledger()
    assert (report.problems, report.head, report.entries) == ([], START, 0)
    assert seal_entries() is None
    assert not Hold.objects.exists()
