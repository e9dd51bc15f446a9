"""Opening cases, and closing those that the bank's own answer made unneeded.

Clearing calls this, inside the transaction in which it noticed what a person has to look at.
"""

from __future__ import annotations

import logging

from django.db import IntegrityError, transaction
from django.utils import timezone

from payments.banking.cases.models import CaseStep, PaymentCase
from payments.banking.cases.states import (
    MONEY_AT_RISK,
    CaseEnd,
    CaseKind,
    CaseState,
    StepKind,
)
from payments.banking.models import BankOrder

logger = logging.getLogger(__name__)


def open_case(*, order: BankOrder, kind: CaseKind, said: str = "") -> PaymentCase:
    """The open case of this kind about this order; opened now if there is none.

    A bank that goes on saying what people have looked into already opens no second one.
    """
    found = _find(order, kind) or _find_ended_by_people(order, kind, said)
    if found is not None:
        return found
    try:
        with transaction.atomic():
            case = PaymentCase.objects.create(
                kind=kind,
                order=order,
                payment_id=order.payment_id,
                amount_minor=order.amount_minor,
                currency=order.currency,
                is_money_at_risk=kind in MONEY_AT_RISK,
                said=said[:40],
            )
            CaseStep.objects.create(case=case, kind=StepKind.OPENED, text=said[:40])
    except IntegrityError:
        # Another worker noticed it in the same moment.
        found = _find(order, kind)
        if found is None:
            raise
        return found
    logger.warning("bank order %s: case %s opened (%s)", order.reference, case.number, kind)
    return case


def close_answered(*, order: BankOrder) -> None:
    """The bank gave its final answer: nobody has to find it out any more."""
    unneeded = PaymentCase.objects.select_for_update(no_key=True).filter(
        order=order, kind__in=(CaseKind.UNKNOWN, CaseKind.ODD_ANSWER)
    )
    for case in unneeded.exclude(state=CaseState.CLOSED):
        close_case(case, end=CaseEnd.ANSWERED, text=order.state)


def close_case(case: PaymentCase, *, end: CaseEnd, text: str) -> None:
    """Write the end of a case. Call under its lock."""
    case.state = CaseState.CLOSED
    case.end = end
    case.closed_at = timezone.now()
    case.save()
    CaseStep.objects.create(case=case, kind=StepKind.CLOSED, by=case.approved_by, text=text)


def _find(order: BankOrder, kind: CaseKind) -> PaymentCase | None:
    return (
        PaymentCase.objects.filter(order=order, kind=kind).exclude(state=CaseState.CLOSED).first()
    )


def _find_ended_by_people(order: BankOrder, kind: CaseKind, said: str) -> PaymentCase | None:
    ended = PaymentCase.objects.filter(order=order, kind=kind, said=said[:40])
    return ended.filter(state=CaseState.CLOSED).exclude(end=CaseEnd.ANSWERED).first()
