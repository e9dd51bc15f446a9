"""How postings and holds change the four counters of each account."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.values import Posting


@dataclass(slots=True)
class Movement:
    """What one account's counters change by, in minor units. Pending may shrink: a release."""

    debits_posted: int = 0
    credits_posted: int = 0
    debits_pending: int = 0
    credits_pending: int = 0

    def spends(self, *, is_debit_normal: bool) -> bool:
        """True when the decreasing side is touched: spent, reserved or released."""
        if is_debit_normal:
            return bool(self.credits_posted or self.credits_pending)
        return bool(self.debits_posted or self.debits_pending)

    def increase(self, *, is_debit_normal: bool) -> int:
        """What is posted on the increasing side."""
        return self.debits_posted if is_debit_normal else self.credits_posted

    def without_incoming_pending(self, *, is_debit_normal: bool) -> Movement:
        """The same, less what holds announce on the increasing side.

        Hot accounts do not count it: it binds nothing (they have no cap) and would make every
        payer wait for the account's row.
        """
        if is_debit_normal:
            return Movement(self.debits_posted, self.credits_posted, 0, self.credits_pending)
        return Movement(self.debits_posted, self.credits_posted, self.debits_pending, 0)


def posted(postings: Iterable[Posting]) -> dict[int, Movement]:
    """Net movements of postings, by account."""
    movements: dict[int, Movement] = {}
    for debit, credit, amount_minor in postings:
        movements.setdefault(debit, Movement()).debits_posted += amount_minor
        movements.setdefault(credit, Movement()).credits_posted += amount_minor
    return movements


def reserved(
    debit: int, credit: int, *, pending_minor: int, posted_minor: int = 0
) -> dict[int, Movement]:
    """Movements of a hold: placed (`pending_minor` > 0) or ended (< 0, with what was captured)."""
    return {
        debit: Movement(debits_posted=posted_minor, debits_pending=pending_minor),
        credit: Movement(credits_posted=posted_minor, credits_pending=pending_minor),
    }
