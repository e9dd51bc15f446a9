"""A small ledger for tests: wallets, a bank, a merchant, all made through the services."""

from __future__ import annotations

from itertools import count

from ledger.selectors import get_balance
from ledger.services import (
    AccountHotness,
    AccountKind,
    Entry,
    Posting,
    open_account,
    post_entry,
    verify_ledger,
)


class Books:
    """Opens accounts and moves money between them; ids in, ids out, minor units everywhere."""

    def __init__(self, name: str = "t") -> None:
        self._name = name
        self._numbers = count(1)
        self.bank = open_account(
            code=f"bank:{name}",
            kind=AccountKind.ASSET,
            currency="CNY",
            hotness=AccountHotness.HOT,
        ).pk

    def wallet(
        self,
        *,
        holds_minor: int = 0,
        cap_minor: int | None = None,
        hotness: AccountHotness = AccountHotness.NORMAL,
        currency: str = "CNY",
    ) -> int:
        """A customer's wallet (a liability) with some money in it."""
        account_id = open_account(
            code=f"wallet:{self._name}:{next(self._numbers)}",
            kind=AccountKind.LIABILITY,
            currency=currency,
            balance_cap_minor=cap_minor,
            hotness=hotness,
        ).pk
        if holds_minor:
            self.move(self.bank, account_id, holds_minor)
        return account_id

    def merchant(self, *, holds_minor: int = 0) -> int:
        """A wallet that everybody pays into."""
        return self.wallet(holds_minor=holds_minor, hotness=AccountHotness.HOT)

    def new_key(self) -> str:
        """A key that was not used before."""
        return f"{self._name}:{next(self._numbers)}"

    def move(self, debit: int, credit: int, amount_minor: int, *, key: str = "") -> Entry:
        """One entry with one posting. Money leaves the wallet that is debited."""
        return post_entry(
            key=key or self.new_key(),
            event="test",
            postings=[Posting(debit, credit, amount_minor)],
        )

    def available(self, account_id: int) -> int:
        """What the account may spend now."""
        return get_balance(account_id).available_minor

    def prove(self) -> None:
        """Everything recomputed, nothing wrong."""
        assert verify_ledger().problems == []
