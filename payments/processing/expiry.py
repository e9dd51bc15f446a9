"""Ending payments that were not paid in time. The clock calls this."""

from __future__ import annotations

from django.utils import timezone

from accounts.security.sweeping import do_each, each_due
from payments.processing.models import Payment
from payments.processing.retries import in_one_transaction
from payments.processing.services import lock_payment, move_payment
from payments.processing.states import PaymentState


def expire_overdue_payments() -> int:
    """Mark what was not paid in time, oldest first; returns how many were marked. One that cannot
    be marked stops none behind it."""
    overdue = Payment.objects.filter(state=PaymentState.CREATED, expires_at__lte=timezone.now())
    return do_each(
        each_due(overdue, by="expires_at"),
        lambda payment_id: expire_payment(payment_id=payment_id),
        what="payment",
    )


def expire_payment(*, payment_id: int) -> bool:
    """End one payment if its time is over; whether it was. Anything else is left as it is."""

    def work() -> bool:
        payment = lock_payment(payment_id)
        if not payment.is_overdue:
            return False
        move_payment(payment, PaymentState.EXPIRED, by=None, reason="not paid in time")
        return True

    return in_one_transaction(work)
