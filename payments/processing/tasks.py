"""What the clock does with payments."""

from __future__ import annotations

from celery import shared_task

from payments.processing.expiry import expire_overdue_payments


@shared_task(name="payments.processing.expire_payments")
def expire_payments() -> int:
    """Mark payments that were not paid in time; returns how many."""
    return expire_overdue_payments()
