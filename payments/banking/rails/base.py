"""What the wallet asks of a bank, whatever the bank speaks.

A rail is called outside every database transaction, and must be idempotent by reference: the same
reference with the same content is one order, however often it is submitted. What it answers is
believed only as far as `answers.read_answer` understands it, and it is waited for only as long as
`calls.call_rail` allows; whatever else a rail does, the order stays open and is asked about again.

Two attributes a rail may have:

`runs_here = True`: it only reads and writes this database, so it cannot hang on a network; it is
then called in the caller's own thread, without a deadline.

`answers_within_seconds`: how long the bank may take for its final answer before staff look at the
payment; 30 minutes without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Protocol


class Outcome(StrEnum):
    """What the bank says about an order now.

    RETURNED: money that had been paid to the card came back; the reason says why.
    """

    PENDING = "pending"
    SETTLED = "settled"
    REFUSED = "refused"
    NOT_FOUND = "not_found"
    RETURNED = "returned"


@dataclass(frozen=True, slots=True)
class Instruction:
    """An order as the bank gets it. `direction`: "collect" takes from the card, "give_back"
    and "pay_out" pay to it. The card number is in clear here and nowhere else: never log this
    object."""

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
    """The bank's answer.

    `reason` is one of ours (`reasons.py`) or an ISO 20022 code such as "AC04", when the outcome is
    REFUSED or RETURNED. `amount_minor`, `currency` and `reference` are what the bank says it
    answers about, where it says so: an answer about another amount or order is not believed.
    """

    outcome: Outcome
    bank_reference: str = ""
    reason: str = ""
    amount_minor: int | None = None
    currency: str = ""
    reference: str = ""


class NoAnswerError(Exception):
    """No answer: the order may or may not have arrived. Ask again; never give up the reference."""


class BankRail(Protocol):
    """One way to a bank."""

    def submit(self, instruction: Instruction) -> Answer:
        """Hand an order over. Raises NoAnswerError when no answer comes."""

    def poll(self, reference: str) -> Answer:
        """Ask what became of an order. Raises NoAnswerError when no answer comes."""
