"""What the clock does for frozen wallets."""

from __future__ import annotations

from celery import shared_task

from payments.safety.services import stop_for_all_frozen


@shared_task(name="payments.safety.stop_for_frozen")
def stop_for_frozen() -> int:
    """Stop what is on its way out of frozen wallets; how many."""
    return stop_for_all_frozen()
