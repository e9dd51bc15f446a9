"""A model of the books, in a dozen lines, against the books: Hypothesis looks for a difference."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    precondition,
    rule,
    run_state_machine_as_test,
)

from ledger import errors
from ledger.models import Hold
from ledger.selectors import get_balance
from ledger.services import (
    EntryDraft,
    Posting,
    capture_hold,
    close_account,
    fold_pending_credits,
    place_hold,
    post_entries,
    post_entry,
    reverse_entry,
    seal_entries,
    verify_ledger,
    void_hold,
)
from ledger.tests.books import Books

CAP = 300
WALLETS = 4
AMOUNTS = st.integers(1, 200)
# 0 is the bank (an asset, hot), 1 a plain wallet, 2 a capped wallet, 3 a merchant (hot).
ANYONE = st.integers(0, WALLETS - 1)
_names = count(1)


class Model:
    """What the books should do: balances and holds as plain numbers."""

    def __init__(self) -> None:
        self.balance = [0] * WALLETS
        self.going = [0] * WALLETS
        self.coming = [0] * WALLETS

    def after(self, pairs: list[tuple[int, int, int]]) -> list[int]:
        balance = list(self.balance)
        for debit, credit, amount in pairs:
            balance[debit] += amount if debit == 0 else -amount
            balance[credit] += -amount if credit == 0 else amount
        return balance

    def allows(self, pairs: list[tuple[int, int, int]]) -> bool:
        balance = self.after(pairs)
        return (
            all(balance[n] - self.going[n] >= 0 for n in range(WALLETS))
            and balance[2] + self.coming[2] <= CAP
        )

    def hold(self, debit: int, credit: int, amount: int) -> None:
        (self.coming if debit == 0 else self.going)[debit] += amount
        (self.going if credit == 0 else self.coming)[credit] += amount


class BooksMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        self.around.__enter__()
        self.books = Books(f"machine-{next(_names)}")
        self.ids = [
            self.books.bank,
            self.books.wallet(),
            self.books.wallet(cap_minor=CAP),
            self.books.merchant(),
        ]
        self.model = Model()
        self.holds: dict[int, tuple[int, int, int]] = {}
        self.entries: dict[int, list[tuple[int, int, int]]] = {}

    def teardown(self) -> None:
        assert verify_ledger().problems == []
        transaction.set_rollback(True)
        self.around.__exit__(None, None, None)

    def book(self, pairs: list[tuple[int, int, int]], key: str) -> None:
        pairs = [pair for pair in pairs if pair[0] != pair[1]]
        if not pairs:
            return
        postings = [Posting(self.ids[d], self.ids[c], amount) for d, c, amount in pairs]
        try:
            entry = post_entry(key=key, event="machine", postings=postings)
        except (errors.InsufficientFunds, errors.BalanceCapExceeded):
            assert not self.model.allows(pairs)
        else:
            assert self.model.allows(pairs)
            self.model.balance = self.model.after(pairs)
            self.entries[entry.id] = pairs
            again = post_entry(key=key, event="machine", postings=postings)
            assert (again.id, again.is_replay) == (entry.id, True)

    @rule(payee=st.integers(1, WALLETS - 1), amount=AMOUNTS)
    def top_up(self, payee: int, amount: int) -> None:
        self.book([(0, payee, amount)], self.books.new_key())

    @rule(pairs=st.lists(st.tuples(ANYONE, ANYONE, AMOUNTS), min_size=1, max_size=3))
    def pay(self, pairs: list[tuple[int, int, int]]) -> None:
        self.book(pairs, self.books.new_key())

    @rule(pairs=st.lists(st.tuples(ANYONE, ANYONE, AMOUNTS), min_size=1, max_size=4))
    def pay_many(self, pairs: list[tuple[int, int, int]]) -> None:
        pairs = [pair for pair in pairs if pair[0] != pair[1]]
        drafts = [
            EntryDraft(self.books.new_key(), "many", (Posting(self.ids[d], self.ids[c], amount),))
            for d, c, amount in pairs
        ]
        try:
            entries = post_entries(drafts)
        except (errors.InsufficientFunds, errors.BalanceCapExceeded):
            assert not self.model.allows(pairs)
        else:
            assert self.model.allows(pairs)
            self.model.balance = self.model.after(pairs)
            self.entries.update(
                {entry.id: [pair] for entry, pair in zip(entries, pairs, strict=True)}
            )

    @rule(debit=ANYONE, credit=ANYONE, amount=AMOUNTS)
    def reserve(self, debit: int, credit: int, amount: int) -> None:
        if debit == credit:
            return
        before = (list(self.model.going), list(self.model.coming))
        self.model.hold(debit, credit, amount)
        is_allowed = self.model.allows([])
        try:
            hold: Hold = place_hold(
                key=self.books.new_key(),
                debit=self.ids[debit],
                credit=self.ids[credit],
                amount_minor=amount,
                expires_at=timezone.now() + timedelta(hours=1),
            )
        except (errors.InsufficientFunds, errors.BalanceCapExceeded):
            assert not is_allowed
            self.model.going, self.model.coming = before
        else:
            assert is_allowed
            self.holds[hold.pk] = (debit, credit, amount)

    @precondition(lambda self: self.holds)
    @rule(data=st.data(), part=st.integers(0, 200))
    def end_hold(self, data: st.DataObject, part: int) -> None:
        hold_id = data.draw(st.sampled_from(sorted(self.holds)))
        debit, credit, amount = self.holds.pop(hold_id)
        captured = min(part, amount)
        self.model.hold(debit, credit, -amount)
        if not captured:
            void_hold(hold_id=hold_id, key=self.books.new_key())
            return
        capture_hold(hold_id=hold_id, key=self.books.new_key(), amount_minor=captured)
        self.model.balance = self.model.after([(debit, credit, captured)])

    @precondition(lambda self: self.entries)
    @rule(data=st.data())
    def reverse(self, data: st.DataObject) -> None:
        entry_id = data.draw(st.sampled_from(sorted(self.entries)))
        swapped = [(credit, debit, amount) for debit, credit, amount in self.entries[entry_id]]
        try:
            reverse_entry(entry_id=entry_id, key=self.books.new_key(), reason="machine")
        except (errors.InsufficientFunds, errors.BalanceCapExceeded):
            assert not self.model.allows(swapped)
        else:
            assert self.model.allows(swapped)
            self.model.balance = self.model.after(swapped)
            del self.entries[entry_id]

    @rule()
    def background_work(self) -> None:
        fold_pending_credits()
        seal_entries()

    @rule(number=st.integers(1, WALLETS - 1))
    def closing_is_refused_while_anything_is_left(self, number: int) -> None:
        model = self.model
        if model.balance[number] or model.going[number] or model.coming[number]:
            try:
                close_account(account_id=self.ids[number])
            except errors.AccountNotEmpty:
                return
            raise AssertionError("an account with money or a hold was closed")

    @invariant()
    def balances_agree(self) -> None:
        for number, account_id in enumerate(self.ids):
            balance = get_balance(account_id)
            assert balance.posted_minor == self.model.balance[number]
            assert balance.pending_minor == self.model.going[number]


def test_the_books_agree_with_a_model_of_them(engine: str, db: None) -> None:
    run_state_machine_as_test(
        BooksMachine,
        settings=settings(
            max_examples=25,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
