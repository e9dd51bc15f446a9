"""What the clock does with payments."""

from __future__ import annotations

from celery import shared_task

from payments.processing.expiry import expire_overdue_payments
from payments.processing.tally import fold_steps


@shared_task(name="payments.processing.expire_payments")
def expire_payments() -> int:
    """Mark payments that were not paid in time; returns how many."""
    return expire_overdue_payments()


@shared_task(name="payments.processing.fold_steps")
def fold_payment_steps() -> int:
    """Bring the running totals up to date; returns how many steps were added."""
    return fold_steps()
