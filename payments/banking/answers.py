"""Reading what a bank answered: every field is checked here, and nothing is believed beyond it.

A bank's answer comes from outside. It may be about another order or amount, use words nobody
knows, be no answer at all, or hold what no database column takes. None of that may end a payment:
what is not understood leaves the order open, with the problem written on it.
"""

from __future__ import annotations

from dataclasses import dataclass

from payments.banking.models import BankOrder
from payments.banking.rails.base import Answer, Outcome
from payments.banking.reasons import NOT_FINAL, read_reason
from payments.banking.states import Problem

_MOST_SIGNS = 40
_WITH_REASON = frozenset({Outcome.REFUSED, Outcome.RETURNED})


@dataclass(frozen=True, slots=True)
class Reading:
    """What of an answer can be believed. `outcome` is None when there is nothing to go by."""

    outcome: Outcome | None
    bank_reference: str = ""
    reason: str = ""
    problem: str = ""


NO_ANSWER = Reading(None, problem=Problem.NO_ANSWER)
NOT_UNDERSTOOD = Reading(None, problem=Problem.NOT_UNDERSTOOD)


def read_answer(said: object, order: BankOrder) -> Reading:
    """Check an answer about `order`, field by field. Never raises because of what was said."""
    if not isinstance(said, Answer):
        return NOT_UNDERSTOOD
    try:
        return _read(said, order)
    except Exception:
        # A field that cannot even be looked at.
        return NOT_UNDERSTOOD


def _read(said: Answer, order: BankOrder) -> Reading:
    outcome = Outcome(said.outcome)
    bank_reference = _clean(said.bank_reference)
    if said.reference and said.reference != order.reference:
        return Reading(None, problem=Problem.OTHER_ORDER)
    if said.amount_minor is not None and type(said.amount_minor) is not int:
        return NOT_UNDERSTOOD
    is_same_amount = said.amount_minor in (None, order.amount_minor)
    if not is_same_amount or said.currency not in ("", None, order.currency):
        return Reading(None, bank_reference, problem=Problem.WRONG_AMOUNT)
    if outcome not in _WITH_REASON:
        return Reading(outcome, bank_reference)
    reason = read_reason(said.reason)
    if outcome is Outcome.REFUSED and reason in NOT_FINAL:
        return Reading(Outcome.PENDING, bank_reference, problem=Problem.NOT_FINAL)
    return Reading(outcome, bank_reference, reason)


def _clean(said: object) -> str:
    """What of a text can be kept and shown: forty printable signs."""
    if not isinstance(said, str):
        return ""
    return "".join(sign for sign in said[:_MOST_SIGNS] if sign.isprintable())
