"""A bank for trying things out: it takes its time, settles, refuses, loses and falls silent.

What it does is chosen by the amount's last two digits or by the card; the two-digit codes follow
the response codes of card networks (ISO 8583, field 39). See docs/how-to/sandbox-bank.md.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import F
from django.utils import timezone

from payments.banking.models import SandboxBankOrder
from payments.banking.rails.base import Answer, Instruction, NoAnswerError, Outcome

REFUSED_BY_AMOUNT = {51: "insufficient_funds", 54: "card_closed", 61: "over_bank_limit"}
# The three digits before a card's check digit.
REFUSED_BY_CARD = {
    "051": "insufficient_funds",
    "054": "card_closed",
    "061": "over_bank_limit",
}
ANSWER_LOST = 68
ORDER_LOST = 92
LONG_SILENCE = 96
SILENT_SECONDS = 60


class SandboxRail:
    """The rail to the sandbox bank."""

    is_for_trial = True

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
    refusal = ""
    if instruction.direction in ("collect", "pay_out"):
        refusal = REFUSED_BY_CARD.get(
            instruction.card_number[-4:-1], REFUSED_BY_AMOUNT.get(ending, "")
        )
    is_silent = ending == LONG_SILENCE
    return {
        "bank_reference": f"SB{uuid4().hex[:16].upper()}",
        "direction": instruction.direction,
        "card_last4": instruction.card_number[-4:],
        "amount_minor": instruction.amount_minor,
        "currency": instruction.currency,
        "refusal": refusal,
        "received_at": now,
        "decides_at": now + timedelta(seconds=settings.SANDBOX_BANK["settles_after_seconds"]),
        "silent_until": now + timedelta(seconds=SILENT_SECONDS) if is_silent else None,
        "is_lost": ending == ORDER_LOST,
    }


def _is_same(order: SandboxBankOrder, instruction: Instruction) -> bool:
    return (order.direction, order.amount_minor, order.currency, order.card_last4) == (
        instruction.direction,
        instruction.amount_minor,
        instruction.currency,
        instruction.card_number[-4:],
    )


def _answer(order: SandboxBankOrder) -> Answer:
    now = timezone.now()
    if order.silent_until and now < order.silent_until:
        raise NoAnswerError("no answer")
    if now < order.decides_at:
        return Answer(Outcome.PENDING, bank_reference=order.bank_reference)
    if order.refusal:
        return Answer(Outcome.REFUSED, order.bank_reference, order.refusal)
    return Answer(Outcome.SETTLED, bank_reference=order.bank_reference)
