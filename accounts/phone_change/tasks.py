"""What the clock does for changes of phone."""

from __future__ import annotations

from celery import shared_task

from accounts.phone_change.services import carry_out_due


@shared_task(name="accounts.phone_change.carry_out")
def carry_out() -> int:
    """Changes whose day of waiting is over take effect; how many."""
    return carry_out_due()
