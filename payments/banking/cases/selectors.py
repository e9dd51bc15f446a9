"""Reading cases: the queue, how one may end, and what its customer may know of it."""

from __future__ import annotations

import hashlib
import json

from django.db.models import QuerySet

from payments.banking.cases.models import PaymentCase
from payments.banking.cases.states import CaseEnd, CaseKind, CaseState
from payments.banking.states import OPEN_STATES


def list_queue() -> QuerySet[PaymentCase]:
    """Live cases: money at risk on top, then the oldest first."""
    return PaymentCase.objects.exclude(state=CaseState.CLOSED).select_related("order", "payment")


def ends_for(case: PaymentCase) -> tuple[CaseEnd, ...]:
    """How this case may end, as its order stands now."""
    if case.kind == CaseKind.PARKED:
        return (CaseEnd.CREDIT_WALLET, CaseEnd.PAID_BY_HAND)
    if case.order.state in OPEN_STATES:
        return (CaseEnd.BANK_PAID, CaseEnd.BANK_REFUSED)
    return (CaseEnd.NO_CHANGE, CaseEnd.CREDIT_WALLET, CaseEnd.DEBIT_WALLET)


def digest_of(case: PaymentCase) -> str:
    """64 hex digits over what a second person reads and decides about: the order, the money, the
    end, what proves it, and who says so."""
    content = {
        "case": str(case.public_id),
        "order": case.order_id,
        "amount_minor": case.amount_minor,
        "currency": case.currency,
        "end": case.end,
        "evidence": case.evidence,
        "proposed_by": case.proposed_by_id,
    }
    text = json.dumps(content, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def find_live_case(payment_id: int) -> PaymentCase | None:
    """The case that a customer's payment waits for, if there is one."""
    return list_queue().filter(payment_id=payment_id).first()
