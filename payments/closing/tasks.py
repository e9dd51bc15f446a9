"""What the clock does for wallets that are to be closed."""

from __future__ import annotations

from celery import shared_task

from payments.closing.services import close_due


@shared_task(name="payments.closing.close_due")
def close_due_wallets() -> int:
    """Close what is due; how many."""
    return close_due()
