"""Conformance of the engines: accounts, caps, closing, hot accounts and their queue."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.utils import timezone

from ledger import errors
from ledger.models import LedgerAccount, UnfoldedIncrease
from ledger.selectors import find_account, get_account, get_balance, get_balances
from ledger.services import (
    AccountHotness,
    AccountKind,
    close_account,
    fold_pending_credits,
    open_account,
    place_hold,
    set_balance_cap,
    void_hold,
)
from ledger.tests.books import Books


class TestOpening:
    def test_opening_twice_gives_the_same_account(self, books: Books) -> None:
        def again() -> LedgerAccount:
            return open_account(code="wallet:x", kind=AccountKind.LIABILITY, currency="CNY")

        assert again().pk == again().pk
        assert find_account("wallet:x") == again()
        assert find_account("wallet:y") is None

    def test_a_code_cannot_be_opened_as_something_else(self, books: Books) -> None:
        open_account(code="x", kind=AccountKind.LIABILITY, currency="CNY")
        with pytest.raises(errors.AccountConflict):
            open_account(code="x", kind=AccountKind.ASSET, currency="CNY")
        with pytest.raises(errors.AccountConflict):
            open_account(code="x", kind=AccountKind.LIABILITY, currency="USD")
        with pytest.raises(errors.AccountConflict):
            open_account(
                code="x",
                kind=AccountKind.LIABILITY,
                currency="CNY",
                hotness=AccountHotness.HOT,
            )

    def test_bad_particulars_are_refused(self, books: Books) -> None:
        with pytest.raises(errors.UnknownCurrency):
            open_account(code="x", kind=AccountKind.ASSET, currency="XXX")
        with pytest.raises(errors.BadPosting):
            open_account(code="", kind=AccountKind.ASSET, currency="CNY")
        with pytest.raises(errors.BadPosting):
            open_account(code="x", kind=AccountKind.ASSET, currency="CNY", balance_cap_minor=-1)
        with pytest.raises(errors.BadPosting):
            open_account(
                code="x",
                kind=AccountKind.ASSET,
                currency="CNY",
                balance_cap_minor=5,
                hotness=AccountHotness.HOT,
            )


class TestCaps:
    def test_a_cap_can_be_raised_and_lifted(self, books: Books) -> None:
        alice = books.wallet(cap_minor=5_00, holds_minor=5_00)
        with pytest.raises(errors.BalanceCapExceeded):
            books.move(books.bank, alice, 1)
        set_balance_cap(account_id=alice, balance_cap_minor=6_00)
        books.move(books.bank, alice, 1_00)
        set_balance_cap(account_id=alice, balance_cap_minor=None)
        books.move(books.bank, alice, 100_00)

    def test_a_cap_is_never_set_below_what_is_there_or_announced(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=5_00), books.wallet(holds_minor=5_00)
        place_hold(
            key="h",
            debit=bob,
            credit=alice,
            amount_minor=2_00,
            expires_at=timezone.now() + timedelta(hours=1),
        )
        with pytest.raises(errors.BalanceCapExceeded):
            set_balance_cap(account_id=alice, balance_cap_minor=6_99)
        set_balance_cap(account_id=alice, balance_cap_minor=7_00)

    def test_a_hot_account_has_no_cap(self, books: Books) -> None:
        with pytest.raises(errors.BadPosting):
            set_balance_cap(account_id=books.merchant(), balance_cap_minor=5)
        with pytest.raises(errors.AccountMissing):
            set_balance_cap(account_id=999_999_999, balance_cap_minor=5)


class TestClosing:
    def test_a_closed_account_takes_part_in_nothing_new(self, books: Books) -> None:
        alice, bob = books.wallet(), books.wallet(holds_minor=5_00)
        close_account(account_id=alice)
        for debit, credit in ((bob, alice), (alice, bob)):
            with pytest.raises(errors.AccountClosed) as refused:
                books.move(debit, credit, 1)
            assert refused.value.account_id == alice
        assert close_account(account_id=alice).closed_at == get_account(alice).closed_at

    def test_a_closed_hot_account_takes_no_more_increases(self, books: Books) -> None:
        shop, alice = books.merchant(holds_minor=5_00), books.wallet(holds_minor=5_00)
        with pytest.raises(errors.AccountNotEmpty):
            close_account(account_id=shop)
        books.move(shop, alice, 5_00)
        close_account(account_id=shop)
        with pytest.raises(errors.AccountClosed):
            books.move(alice, shop, 1)

    def test_money_or_a_hold_keeps_an_account_open(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=5_00), books.wallet()
        with pytest.raises(errors.AccountNotEmpty):
            close_account(account_id=alice)
        hold = place_hold(
            key="h",
            debit=alice,
            credit=bob,
            amount_minor=2_00,
            expires_at=timezone.now() + timedelta(hours=1),
        )
        with pytest.raises(errors.AccountNotEmpty):
            close_account(account_id=bob)
        void_hold(hold_id=hold.pk, key="v")
        close_account(account_id=bob)


class TestHotAccounts:
    def test_an_increase_is_queued_and_seen_at_once(self, books: Books) -> None:
        shop, alice = books.merchant(), books.wallet(holds_minor=10_00)
        books.move(alice, shop, 4_00)
        assert UnfoldedIncrease.objects.filter(account_id=shop).count() == 1
        assert get_account(shop).credits_posted == 0
        assert get_balance(shop).available_minor == 4_00

    def test_folding_changes_where_it_is_counted_and_nothing_else(self, books: Books) -> None:
        shop, alice = books.merchant(), books.wallet(holds_minor=10_00)
        for _ in range(3):
            books.move(alice, shop, 1_00)
        before = get_balances([shop, alice, books.bank])
        assert fold_pending_credits() == 4  # three for the shop, one for the bank
        assert fold_pending_credits() == 0
        assert get_balances([shop, alice, books.bank]) == before
        assert get_account(shop).credits_posted == 3_00
        assert get_account(books.bank).debits_posted == 10_00

    def test_a_payout_finds_what_is_still_queued(self, books: Books) -> None:
        shop, alice = books.merchant(), books.wallet(holds_minor=10_00)
        books.move(alice, shop, 4_00)
        with pytest.raises(errors.InsufficientFunds):
            books.move(shop, alice, 4_01)
        books.move(shop, alice, 4_00)
        assert get_balance(shop).available_minor == 0

    def test_unknown_accounts_have_no_balance(self, books: Books) -> None:
        assert get_balances([999_999_999]) == {}
        with pytest.raises(errors.AccountMissing):
            get_balance(999_999_999)
