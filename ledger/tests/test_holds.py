"""Conformance of the engines: holds and their three ends."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.utils import timezone

from ledger import errors
from ledger.models import Hold, HoldResolution
from ledger.selectors import find_entry, get_balance, list_postings_of_entry
from ledger.services import (
    Posting,
    capture_hold,
    close_account,
    expire_holds,
    place_hold,
    void_hold,
)
from ledger.tests.books import Books

SOON = timedelta(hours=1)


def hold_between(
    debit: int,
    credit: int,
    amount_minor: int,
    *,
    key: str = "h",
    expires_at: datetime | None = None,
) -> Hold:
    return place_hold(
        key=key,
        debit=debit,
        credit=credit,
        amount_minor=amount_minor,
        expires_at=expires_at or timezone.now() + SOON,
    )


def let_time_pass(monkeypatch: pytest.MonkeyPatch) -> None:
    """The next questions are asked two hours later."""
    later = timezone.now() + 2 * SOON
    monkeypatch.setattr("django.utils.timezone.now", lambda: later)


class TestPlacing:
    def test_held_money_is_there_and_cannot_be_spent(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold_between(alice, bob, 7_00)
        balance = get_balance(alice)
        assert (balance.posted_minor, balance.pending_minor) == (10_00, 7_00)
        assert (balance.available_minor, books.available(bob)) == (3_00, 0)
        with pytest.raises(errors.InsufficientFunds):
            books.move(alice, bob, 3_01)
        with pytest.raises(errors.InsufficientFunds):
            hold_between(alice, bob, 3_01, key="h2")

    def test_the_same_request_is_the_same_hold(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        until = timezone.now() + SOON
        first = hold_between(alice, bob, 7_00, expires_at=until)
        again = hold_between(alice, bob, 7_00, expires_at=until)
        assert (again.pk, again.is_replay, first.is_replay) == (first.pk, True, False)
        with pytest.raises(errors.EntryConflict):
            hold_between(alice, bob, 6_00, expires_at=until)
        assert books.available(alice) == 3_00

    def test_a_hold_keeps_room_under_the_payees_cap(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=20_00), books.wallet(cap_minor=10_00)
        hold = hold_between(alice, bob, 8_00)
        with pytest.raises(errors.BalanceCapExceeded) as refused:
            books.move(alice, bob, 2_01)
        assert refused.value.account_id == bob
        with pytest.raises(errors.BalanceCapExceeded):
            hold_between(alice, bob, 2_01, key="h2")
        books.move(alice, bob, 2_00)
        capture_hold(hold_id=hold.pk, key="c")
        assert books.available(bob) == 10_00

    def test_bad_holds_are_refused(self, books: Books) -> None:
        alice, dollars = books.wallet(holds_minor=10_00), books.wallet(currency="USD")
        closed = books.wallet()
        close_account(account_id=closed)
        with pytest.raises(errors.BadPosting):
            hold_between(alice, alice, 1)
        with pytest.raises(errors.BadPosting):
            hold_between(alice, dollars, 1)
        with pytest.raises(errors.BadPosting):
            hold_between(alice, books.bank, 0)
        with pytest.raises(errors.BadPosting):
            hold_between(alice, books.bank, 1, expires_at=timezone.now().replace(tzinfo=None))
        with pytest.raises(errors.AccountClosed):
            hold_between(alice, closed, 1)
        with pytest.raises(errors.AccountMissing):
            hold_between(alice, 999_999_999, 1)
        assert Hold.objects.count() == 0


class TestEnds:
    def test_a_capture_books_the_whole_hold(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold = hold_between(alice, bob, 7_00)
        entry = capture_hold(hold_id=hold.pk, key="c")
        assert list_postings_of_entry(entry.id) == [Posting(alice, bob, 7_00)]
        assert (books.available(alice), books.available(bob)) == (3_00, 7_00)
        assert get_balance(alice).pending_minor == 0

    def test_a_part_capture_releases_the_rest(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold = hold_between(alice, bob, 7_00)
        with pytest.raises(errors.CaptureTooLarge):
            capture_hold(hold_id=hold.pk, key="c", amount_minor=7_01)
        capture_hold(hold_id=hold.pk, key="c", amount_minor=2_00)
        assert (books.available(alice), books.available(bob)) == (8_00, 2_00)

    def test_a_void_releases_all(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold = hold_between(alice, bob, 7_00)
        void_hold(hold_id=hold.pk, key="v")
        assert (books.available(alice), books.available(bob)) == (10_00, 0)
        assert void_hold(hold_id=hold.pk, key="v").is_replay

    def test_a_repeated_capture_gives_the_first_entry(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold = hold_between(alice, bob, 7_00)
        first = capture_hold(hold_id=hold.pk, key="c", amount_minor=2_00)
        again = capture_hold(hold_id=hold.pk, key="c", amount_minor=2_00)
        assert (again.id, again.is_replay) == (first.id, True)
        with pytest.raises(errors.EntryConflict):
            capture_hold(hold_id=hold.pk, key="c", amount_minor=3_00)
        assert books.available(bob) == 2_00

    def test_a_hold_ends_once(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold = hold_between(alice, bob, 7_00)
        capture_hold(hold_id=hold.pk, key="c", amount_minor=2_00)
        with pytest.raises(errors.HoldNotOpen) as refused:
            void_hold(hold_id=hold.pk, key="v")
        assert refused.value.outcome == "captured"
        with pytest.raises(errors.HoldNotOpen):
            capture_hold(hold_id=hold.pk, key="c2", amount_minor=1_00)
        assert HoldResolution.objects.count() == 1

    def test_a_key_of_another_event_is_refused(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold = hold_between(alice, bob, 7_00)
        other = hold_between(alice, bob, 1_00, key="h2")
        books.move(alice, bob, 1, key="used")
        with pytest.raises(errors.EntryConflict):
            capture_hold(hold_id=hold.pk, key="used")
        void_hold(hold_id=other.pk, key="v")
        with pytest.raises(errors.EntryConflict):
            void_hold(hold_id=hold.pk, key="v")
        assert get_balance(alice).pending_minor == 7_00

    def test_an_unknown_hold_is_named(self, books: Books) -> None:
        with pytest.raises(errors.HoldMissing):
            void_hold(hold_id=999_999_999, key="v")


class TestExpiry:
    def test_what_is_not_captured_in_time_returns(
        self, books: Books, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold = hold_between(alice, bob, 7_00)
        assert expire_holds() == 0
        let_time_pass(monkeypatch)
        with pytest.raises(errors.HoldNotOpen):
            capture_hold(hold_id=hold.pk, key="late")
        assert find_entry("late") is None
        assert expire_holds() == 1
        assert expire_holds() == 0
        assert (books.available(alice), books.available(bob)) == (10_00, 0)
        assert HoldResolution.objects.get(hold=hold).outcome == "expired"

    def test_a_capture_in_time_is_still_answered_later(
        self, books: Books, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold = hold_between(alice, bob, 7_00)
        first = capture_hold(hold_id=hold.pk, key="c")
        let_time_pass(monkeypatch)
        assert capture_hold(hold_id=hold.pk, key="c").id == first.id
        assert expire_holds() == 0

    def test_a_hold_that_is_past_its_time_may_still_be_voided(
        self, books: Books, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        hold = hold_between(alice, bob, 7_00)
        let_time_pass(monkeypatch)
        void_hold(hold_id=hold.pk, key="v")
        assert books.available(alice) == 10_00


class TestHotAccounts:
    def test_a_hold_for_a_merchant_is_captured_into_its_queue(self, books: Books) -> None:
        alice, shop = books.wallet(holds_minor=10_00), books.merchant()
        hold = hold_between(alice, shop, 7_00)
        capture_hold(hold_id=hold.pk, key="c", amount_minor=5_00)
        assert (books.available(alice), books.available(shop)) == (5_00, 5_00)

    def test_a_hold_on_a_merchants_money_counts_what_is_queued(self, books: Books) -> None:
        shop, alice = books.merchant(holds_minor=10_00), books.wallet()
        hold = hold_between(shop, alice, 10_00)
        assert get_balance(shop).pending_minor == 10_00
        with pytest.raises(errors.InsufficientFunds):
            books.move(shop, alice, 1)
        books.move(books.bank, shop, 3_00)
        void_hold(hold_id=hold.pk, key="v")
        assert books.available(shop) == 13_00


def test_the_sweep_takes_the_oldest_first_and_stops_at_its_limit(
    books: Books, monkeypatch: pytest.MonkeyPatch
) -> None:
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    start = datetime.now(UTC)
    for minute in (3, 1, 2):
        until = start + timedelta(minutes=minute)
        hold_between(alice, bob, 1_00, key=f"h{minute}", expires_at=until)
    let_time_pass(monkeypatch)
    assert expire_holds(most=2) == 2
    assert Hold.objects.get(resolution__isnull=True).key == "h3"
