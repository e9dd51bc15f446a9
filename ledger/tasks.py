"""Background work of the books. Each run is short and may be repeated or lost without harm."""

from __future__ import annotations

from celery import shared_task

from ledger import services


@shared_task(name="ledger.fold_pending_credits")
def fold_pending_credits() -> None:
    """Add queued increases of hot accounts to their counters."""
    services.fold_pending_credits()


@shared_task(name="ledger.expire_holds")
def expire_holds() -> None:
    """Release holds whose time has passed."""
    services.expire_holds()


@shared_task(name="ledger.seal_entries")
def seal_entries() -> None:
    """Close what was booked since the last block with a hash."""
    services.seal_entries()
