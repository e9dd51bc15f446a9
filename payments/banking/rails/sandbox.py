"""A bank for trying things out: it takes its time, settles, refuses, and misbehaves on request.

What it does is chosen by the amount's last two digits or by the card; two-digit codes below 70
follow the response codes of card networks (ISO 8583, field 39). See docs/how-to/sandbox-bank.md.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from payments.banking.models import SandboxBankOrder
from payments.banking.rails.base import Answer, Instruction, NoAnswerError, Outcome

REFUSED_BY_AMOUNT = {14: "AC01", 51: "AM04", 54: "AC04", 61: "AM14", 62: "AC06", 79: "XY99" * 20}
# The three digits before a card's check digit.
REFUSED_BY_CARD = {"014": "AC01", "051": "AM04", "054": "AC04", "061": "AM14", "062": "AC06"}
ANSWER_LOST = 68
ORDER_LOST = 92
# Amount -> how long the bank says nothing at all, in seconds.
SILENT = {96: 60, 91: 24 * 3600}
# Amount -> how much longer it takes, in seconds.
LATE = {19: 3 * 60, 9: 2 * 3600}
# Amount -> why money that was paid to a card comes back: on the next day, or within a minute.
RETURNED = {77: "AC04", 78: "AC06"}
RETURNED_SOON = 78
TRICKS = {
    70: "out_of_order",
    71: "then_refused",
    72: "then_settled",
    73: "wrong_amount",
    74: "unknown_word",
    75: "nonsense",
    76: "breaks",
    94: "duplicate",
}
# With this many final answers given, a bank that changes its mind changes it.
MIND_CHANGES_AFTER = 1
# And one that confuses itself comes to its senses.
SENSE_AFTER = 3
# Two processes look at the clock in different moments.
CLOCK_SLACK = timedelta(minutes=10)


class SandboxRail:
    """The rail to the sandbox bank."""

    is_for_trial = True
    runs_here = True

    def submit(self, instruction: Instruction) -> Answer:
        """Take an order in, once per reference; what it says later is decided here."""
        with transaction.atomic():
            order, is_new = SandboxBankOrder.objects.get_or_create(
                reference=instruction.reference, defaults=_decide(instruction)
            )
            if not is_new:
                SandboxBankOrder.objects.filter(pk=order.pk).update(
                    times_submitted=F("times_submitted") + 1, is_lost=False
                )
                order.is_lost = False
        if not is_new and not _is_same(order, instruction):
            return Answer(Outcome.REFUSED, reason="content_differs")
        ending = instruction.amount_minor % 100
        if is_new and ending in (ANSWER_LOST, ORDER_LOST):
            raise NoAnswerError("no answer")
        return _answer(order)

    def poll(self, reference: str) -> Answer:
        """What became of the order with this reference."""
        order = SandboxBankOrder.objects.filter(reference=reference, is_lost=False).first()
        return _answer(order) if order else Answer(Outcome.NOT_FOUND)


def decide_now() -> None:
    """Let the sandbox bank decide everything that waits: for demo data, which should not wait."""
    SandboxBankOrder.objects.filter(decides_at__gt=timezone.now()).update(decides_at=timezone.now())


def _decide(instruction: Instruction) -> dict[str, object]:
    """The row of a new order: when it will be decided, and how."""
    now = timezone.now()
    ending = instruction.amount_minor % 100
    is_ours = instruction.direction in ("collect", "pay_out")
    refusal = ""
    if is_ours:
        refusal = REFUSED_BY_CARD.get(
            instruction.card_number[-4:-1], REFUSED_BY_AMOUNT.get(ending, "")
        )
    waits = settings.SANDBOX_BANK["settles_after_seconds"] + LATE.get(ending, 0)
    decides_at = now + timedelta(seconds=waits)
    return {
        "bank_reference": f"SB{uuid4().hex[:16].upper()}",
        "direction": instruction.direction,
        "card_last4": instruction.card_number[-4:],
        "amount_minor": instruction.amount_minor,
        "currency": instruction.currency,
        "refusal": refusal,
        "received_at": now,
        "decides_at": decides_at,
        "silent_until": now + timedelta(seconds=SILENT[ending]) if ending in SILENT else None,
        "is_lost": ending == ORDER_LOST,
        "trick": TRICKS.get(ending, "") if is_ours else "",
        "returns_at": _returns_at(instruction, decides_at),
    }


def _returns_at(instruction: Instruction, decides_at: datetime) -> datetime | None:
    """When the money comes back from the card it was paid to; None where it stays."""
    ending = instruction.amount_minor % 100
    if instruction.direction != "pay_out" or ending not in RETURNED:
        return None
    next_day = settings.SANDBOX_BANK["returns_after_seconds"]
    after = min(60, next_day) if ending == RETURNED_SOON else next_day
    return decides_at + timedelta(seconds=after)


def _is_same(order: SandboxBankOrder, instruction: Instruction) -> bool:
    return (order.direction, order.amount_minor, order.currency, order.card_last4) == (
        instruction.direction,
        instruction.amount_minor,
        instruction.currency,
        instruction.card_number[-4:],
    )


def _answer(order: SandboxBankOrder) -> Answer:
    now = timezone.now()
    # Taken in ahead of us: the clock has been set back since, and this bank has no other. How
    # long the order has waited nobody knows; it must not wait for that clock to come round again.
    is_of_another_clock = order.received_at > now + CLOCK_SLACK
    if order.silent_until and now < order.silent_until and not is_of_another_clock:
        raise NoAnswerError("no answer")
    if now < order.decides_at and not is_of_another_clock:
        return Answer(Outcome.PENDING, bank_reference=order.bank_reference)
    given = order.times_answered
    SandboxBankOrder.objects.filter(pk=order.pk).update(times_answered=F("times_answered") + 1)
    if order.returns_at and now >= order.returns_at:
        reason = RETURNED[order.amount_minor % 100]
        return Answer(Outcome.RETURNED, order.bank_reference, reason)
    if order.trick:
        return _play(order, given)
    if order.refusal:
        return Answer(Outcome.REFUSED, order.bank_reference, order.refusal)
    return Answer(Outcome.SETTLED, order.bank_reference)


def _play(order: SandboxBankOrder, given: int) -> Answer:
    """What a bank says that misbehaves; `given` final answers came before."""
    settled = Answer(Outcome.SETTLED, order.bank_reference)
    refused = Answer(Outcome.REFUSED, order.bank_reference, "AC04")
    if order.trick == "then_refused":
        return refused if given >= MIND_CHANGES_AFTER else settled
    if order.trick == "then_settled":
        return settled if given >= MIND_CHANGES_AFTER else refused
    if order.trick == "wrong_amount":
        return Answer(Outcome.SETTLED, order.bank_reference, amount_minor=order.amount_minor - 1)
    if order.trick == "out_of_order":
        return Answer(Outcome.PENDING) if given % 2 else settled
    if given >= SENSE_AFTER:
        return settled
    if order.trick == "duplicate":
        return Answer(Outcome.REFUSED, order.bank_reference, "AM05")
    return _break_down(order.trick)


def _break_down(trick: str) -> Any:
    """No answer that deserves the name."""
    if trick == "breaks":
        raise ValueError("the sandbox bank broke, as it was asked to")
    if trick == "unknown_word":
        outcome: Any = "booked-maybe"
        return Answer(outcome)
    return None
