"""What the wallet asks of a bank, whatever the bank speaks.

A rail is called outside every database transaction. It must be idempotent by reference: the same
reference with the same content is one order, however often it is submitted.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What the bank says about an order now."""

    PENDING = "pending"
    SETTLED = "settled"
    REFUSED = "refused"
    NOT_FOUND = "not_found"


@dataclass(frozen=True, slots=True)
class Instruction:
    """An order as the bank gets it. `direction`: "collect" takes from the card, "give_back"
    and "pay_out" pay to it. The card number is in clear here and nowhere else: never log this object."""

    reference: str
    direction: str
    card_number: str
    amount_minor: int
    currency: str
    # The card holder's full name and their bank's clearing code (CNAPS), for rails that need them.
    payee_name: str = ""
    clearing_code: str = ""

    def __repr__(self) -> str:
        return f"Instruction({self.reference})"


@dataclass(frozen=True, slots=True)
class Answer:
    """The bank's answer. `reason` is one of `reasons.py` when the outcome is REFUSED."""

    outcome: Outcome
    bank_reference: str = ""
    reason: str = ""


class NoAnswerError(Exception):
    """No answer: the order may or may not have arrived. Ask again; never give up the reference."""


class BankRail(Protocol):
    """One way to a bank."""

    def submit(self, instruction: Instruction) -> Answer:
        """Hand an order over. Raises NoAnswerError when no answer comes."""

    def poll(self, reference: str) -> Answer:
        """Ask what became of an order. Raises NoAnswerError when no answer comes."""
