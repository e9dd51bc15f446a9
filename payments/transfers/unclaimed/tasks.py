"""What the clock does with money that nobody claims."""

from __future__ import annotations

from celery import shared_task

from payments.transfers.unclaimed.services import return_overdue


@shared_task(name="payments.transfers.return_unclaimed")
def return_unclaimed() -> int:
    """Give back what was not claimed in time; returns how many."""
    return return_overdue()
