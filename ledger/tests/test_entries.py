"""Conformance of the engines: booking entries."""

from __future__ import annotations

import pytest
from django.db import transaction

from ledger import errors
from ledger.models import JournalEntry, JournalPosting
from ledger.selectors import find_entry, get_entry, list_account_lines, list_postings_of_entry
from ledger.services import EntryDraft, Posting, post_entries, post_entry, reverse_entry
from ledger.tests.books import Books


class TestOneEntry:
    def test_a_credit_raises_a_wallet_and_a_debit_lowers_it(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        entry = books.move(alice, bob, 3_00)
        assert (books.available(alice), books.available(bob)) == (7_00, 3_00)
        assert not entry.is_replay
        assert get_entry(entry.id) == entry

    def test_the_last_cent_can_be_spent_and_not_one_more(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        with pytest.raises(errors.InsufficientFunds) as refused:
            books.move(alice, bob, 10_01)
        assert refused.value.account_id == alice
        books.move(alice, bob, 10_00)
        assert books.available(alice) == 0

    def test_a_refusal_writes_nothing_and_leaves_the_callers_transaction_usable(
        self, books: Books
    ) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        with transaction.atomic():
            with pytest.raises(errors.InsufficientFunds):
                books.move(alice, bob, 11_00, key="too-much")
            books.move(alice, bob, 1_00, key="enough")
        assert find_entry("too-much") is None
        assert books.available(bob) == 1_00

    def test_a_rolled_back_transaction_takes_its_entry_with_it(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        with pytest.raises(RuntimeError), transaction.atomic():
            books.move(alice, bob, 1_00, key="undone")
            raise RuntimeError
        assert find_entry("undone") is None
        assert books.available(bob) == 0

    def test_a_wallet_never_holds_more_than_its_cap(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=20_00), books.wallet(cap_minor=10_00)
        books.move(alice, bob, 10_00)
        with pytest.raises(errors.BalanceCapExceeded) as refused:
            books.move(alice, bob, 1)
        assert refused.value.account_id == bob

    def test_an_asset_cannot_fall_below_zero_either(self, books: Books) -> None:
        alice = books.wallet(holds_minor=10_00)
        with pytest.raises(errors.InsufficientFunds) as refused:
            books.move(alice, books.bank, 10_01)
        assert refused.value.account_id in (alice, books.bank)

    def test_all_postings_of_an_entry_happen_or_none(self, books: Books) -> None:
        alice, bob, fees = books.wallet(holds_minor=10_00), books.wallet(), books.merchant()
        postings = [Posting(alice, bob, 9_00), Posting(alice, fees, 1_01)]
        with pytest.raises(errors.InsufficientFunds):
            post_entry(key="k1", event="pay", postings=postings)
        assert (books.available(bob), books.available(fees)) == (0, 0)
        postings[1] = Posting(alice, fees, 1_00)
        entry = post_entry(key="k1", event="pay", postings=postings)
        assert (books.available(bob), books.available(fees)) == (9_00, 1_00)
        assert list_postings_of_entry(entry.id) == postings

    def test_only_the_sum_of_an_entry_counts(self, books: Books) -> None:
        alice, bob, carol = books.wallet(holds_minor=5_00), books.wallet(), books.wallet()
        post_entry(
            key="chain",
            event="pay",
            postings=[Posting(bob, carol, 5_00), Posting(alice, bob, 5_00)],
        )
        assert (books.available(bob), books.available(carol)) == (0, 5_00)

    def test_currencies_do_not_mix(self, books: Books) -> None:
        alice = books.wallet(holds_minor=5_00)
        dollars = books.wallet(currency="USD")
        with pytest.raises(errors.BadPosting):
            books.move(alice, dollars, 1_00)
        with pytest.raises(errors.BadPosting):
            post_entry(
                key="mixed",
                event="pay",
                postings=[Posting(alice, books.bank, 1), Posting(alice, dollars, 1_00)],
            )

    def test_an_unknown_account_is_named(self, books: Books) -> None:
        alice = books.wallet(holds_minor=5_00)
        with pytest.raises(errors.AccountMissing) as refused:
            books.move(alice, 999_999_999, 1_00)
        assert refused.value.account_id == 999_999_999

    @pytest.mark.parametrize("amount_minor", [0, -1, True, 1.0, "1", 10**15 + 1])
    def test_an_amount_is_a_whole_number_above_zero(
        self, books: Books, amount_minor: object
    ) -> None:
        alice, bob = books.wallet(holds_minor=5_00), books.wallet()
        with pytest.raises(errors.BadPosting):
            books.move(alice, bob, amount_minor)  # type: ignore[arg-type]

    @pytest.mark.parametrize(
        ("key", "event", "note"),
        [
            ("", "e", ""),
            ("k" * 201, "e", ""),
            ("k", "", ""),
            ("k", "e", "n" * 501),
            ("k\0", "e", ""),
            ("k\ud800", "e", ""),
        ],
    )
    def test_text_that_a_column_cannot_keep_is_refused(
        self, books: Books, key: str, event: str, note: str
    ) -> None:
        alice, bob = books.wallet(holds_minor=5_00), books.wallet()
        with pytest.raises(errors.BadPosting):
            post_entry(key=key, event=event, postings=[Posting(alice, bob, 1)], note=note)

    def test_a_posting_needs_two_accounts_and_an_entry_a_posting(self, books: Books) -> None:
        alice = books.wallet(holds_minor=5_00)
        with pytest.raises(errors.BadPosting):
            books.move(alice, alice, 1)
        with pytest.raises(errors.BadPosting):
            post_entry(key="empty", event="pay", postings=[])

    def test_on_its_own_engine_an_entry_is_one_round_trip(
        self, books: Books, engine: str, django_assert_num_queries: object
    ) -> None:
        alice, bob = books.wallet(holds_minor=5_00), books.wallet()
        if engine == "postgresql":
            with django_assert_num_queries(1):  # type: ignore[operator]
                books.move(alice, bob, 1_00)
        else:
            books.move(alice, bob, 1_00)
        assert books.available(bob) == 1_00


class TestSameKey:
    def test_the_same_request_gives_the_first_entry(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        first = books.move(alice, bob, 6_00, key="pay-1")
        again = books.move(alice, bob, 6_00, key="pay-1")
        assert again.is_replay
        assert (again.id, again.created_at) == (first.id, first.created_at)
        assert books.available(bob) == 6_00

    def test_a_replay_still_answers_when_the_money_is_gone_or_the_account_closed(
        self, books: Books
    ) -> None:
        from ledger.services import close_account

        alice, bob = books.wallet(holds_minor=6_00), books.wallet()
        first = books.move(alice, bob, 6_00, key="pay-1")
        close_account(account_id=alice)
        assert books.move(alice, bob, 6_00, key="pay-1").id == first.id

    @pytest.mark.parametrize("change", ["amount", "payee", "event", "note"])
    def test_another_input_is_refused(self, books: Books, change: str) -> None:
        alice, bob, carol = books.wallet(holds_minor=10_00), books.wallet(), books.wallet()
        post_entry(key="k", event="pay", postings=[Posting(alice, bob, 1_00)], note="tea")
        payee, amount = (
            (carol if change == "payee" else bob),
            (2_00 if change == "amount" else 1_00),
        )
        with pytest.raises(errors.EntryConflict):
            post_entry(
                key="k",
                event="other" if change == "event" else "pay",
                postings=[Posting(alice, payee, amount)],
                note="coffee" if change == "note" else "tea",
            )
        assert books.available(alice) == 9_00

    def test_a_refused_key_may_be_used_again(self, books: Books) -> None:
        alice, bob = books.wallet(), books.wallet()
        with pytest.raises(errors.InsufficientFunds):
            books.move(alice, bob, 1_00, key="later")
        books.move(books.bank, alice, 1_00)
        assert not books.move(alice, bob, 1_00, key="later").is_replay


class TestManyEntries:
    def drafts(self, payer: int, payees: list[int], amount_minor: int) -> list[EntryDraft]:
        return [
            EntryDraft(f"salary:{payee}", "salary", (Posting(payer, payee, amount_minor),), "七月")
            for payee in payees
        ]

    def test_the_answers_stand_in_the_order_of_the_drafts(self, books: Books) -> None:
        firm = books.wallet(holds_minor=100_00)
        payees = [books.wallet() for _ in range(5)]
        drafts = self.drafts(firm, payees, 3_00)
        entries = post_entries(drafts)
        assert [entry.key for entry in entries] == [draft.key for draft in drafts]
        assert [get_entry(entry.id) for entry in entries] == entries
        assert [books.available(payee) for payee in payees] == [3_00] * 5
        assert books.available(firm) == 85_00

    def test_one_refusal_refuses_all(self, books: Books) -> None:
        firm = books.wallet(holds_minor=100_00)
        payees = [books.wallet(), books.wallet(cap_minor=2_00), books.wallet()]
        with pytest.raises(errors.BalanceCapExceeded) as refused:
            post_entries(self.drafts(firm, payees, 3_00))
        assert refused.value.account_id == payees[1]
        with pytest.raises(errors.InsufficientFunds) as short:
            post_entries(self.drafts(firm, payees[::2], 51_00))
        assert short.value.account_id == firm
        with pytest.raises(errors.AccountMissing):
            post_entries(self.drafts(firm, [payees[0], 999_999_999], 1))
        assert books.available(firm) == 100_00
        assert JournalEntry.objects.filter(event="salary").count() == 0

    def test_a_repeated_batch_pays_once(self, books: Books) -> None:
        firm = books.wallet(holds_minor=100_00)
        payees = [books.wallet() for _ in range(3)]
        first = post_entries(self.drafts(firm, payees[:2], 3_00))
        second = post_entries(self.drafts(firm, payees, 3_00))
        assert [entry.is_replay for entry in second] == [True, True, False]
        assert [entry.id for entry in second[:2]] == [entry.id for entry in first]
        assert second[0].created_at == first[0].created_at
        assert books.available(firm) == 91_00
        third = post_entries(self.drafts(firm, payees, 3_00))
        assert all(entry.is_replay for entry in third)

    def test_another_input_under_a_known_key_refuses_the_batch(self, books: Books) -> None:
        firm, payee = books.wallet(holds_minor=100_00), books.wallet()
        post_entries(self.drafts(firm, [payee], 3_00))
        with pytest.raises(errors.EntryConflict) as refused:
            post_entries([*self.drafts(firm, [books.wallet()], 1), *self.drafts(firm, [payee], 4)])
        assert refused.value.key == f"salary:{payee}"
        assert books.available(firm) == 97_00

    def test_a_key_twice_in_one_batch_is_one_entry(self, books: Books) -> None:
        firm, payee = books.wallet(holds_minor=100_00), books.wallet()
        one, two = post_entries(self.drafts(firm, [payee, payee], 3_00))
        assert (one.id, one.is_replay, two.is_replay) == (two.id, False, True)
        assert books.available(payee) == 3_00

    def test_a_batch_may_touch_hot_accounts_on_both_sides(self, books: Books) -> None:
        shop, fees = books.merchant(), books.merchant()
        alice = books.wallet(holds_minor=10_00)
        drafts = [
            EntryDraft("a", "pay", (Posting(alice, shop, 6_00),)),
            EntryDraft("b", "fee", (Posting(shop, fees, 1_00),)),
        ]
        post_entries(drafts)
        assert (books.available(shop), books.available(fees)) == (5_00, 1_00)
        with pytest.raises(errors.InsufficientFunds) as refused:
            post_entries([EntryDraft("c", "fee", (Posting(shop, fees, 5_01),))])
        assert refused.value.account_id == shop

    def test_no_drafts_give_no_entries(self, books: Books) -> None:
        assert post_entries([]) == []


class TestReversal:
    def test_a_reversal_swaps_the_postings_and_names_the_entry(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        entry = books.move(alice, bob, 4_00)
        reversal = reverse_entry(entry_id=entry.id, key="r1", reason="sent twice")
        assert reversal.reverses_id == entry.id
        assert (books.available(alice), books.available(bob)) == (10_00, 0)
        assert reverse_entry(entry_id=entry.id, key="r1", reason="sent twice").is_replay

    def test_an_entry_is_reversed_once_and_a_reversal_never(self, books: Books) -> None:
        alice, bob = books.wallet(holds_minor=10_00), books.wallet()
        entry = books.move(alice, bob, 4_00)
        books.move(alice, bob, 5_00)
        reversal = reverse_entry(entry_id=entry.id, key="r1", reason="sent twice")
        with pytest.raises(errors.AlreadyReversed):
            reverse_entry(entry_id=entry.id, key="r2", reason="again")
        with pytest.raises(errors.AlreadyReversed):
            reverse_entry(entry_id=reversal.id, key="r3", reason="again")
        with pytest.raises(errors.EntryMissing):
            reverse_entry(entry_id=999_999_999, key="r4", reason="none")

    def test_money_that_was_spent_cannot_be_taken_back(self, books: Books) -> None:
        alice, bob, carol = books.wallet(holds_minor=10_00), books.wallet(), books.wallet()
        entry = books.move(alice, bob, 4_00)
        books.move(bob, carol, 1_00)
        with pytest.raises(errors.InsufficientFunds):
            reverse_entry(entry_id=entry.id, key="r1", reason="fraud")


def test_an_accounts_lines_come_newest_first_and_page_by_page(books: Books) -> None:
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    for amount in (1, 2, 3):
        books.move(alice, bob, amount)
    books.move(bob, alice, 4)
    lines = list_account_lines(alice, most=2)
    assert [line.signed_minor for line in lines] == [4, -3]
    older = list_account_lines(alice, before_posting_id=lines[-1].posting_id)
    assert [line.signed_minor for line in older] == [-2, -1, 10_00]
    assert older[-1].other_account_id == books.bank


def test_the_journal_keeps_what_was_booked(books: Books) -> None:
    alice, bob = books.wallet(holds_minor=10_00), books.wallet()
    books.move(alice, bob, 1_00, key="kept")
    row = JournalPosting.objects.select_related("entry").get(entry__key="kept")
    assert (row.debit_account_id, row.credit_account_id, row.amount_minor) == (alice, bob, 1_00)
