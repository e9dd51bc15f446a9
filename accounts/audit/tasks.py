"""The sweep that seals."""

from __future__ import annotations

from celery import shared_task

from accounts.audit.services import seal_audit


@shared_task(name="accounts.audit.seal")
def seal() -> int:
    """Seal what has no link yet; how many."""
    return seal_audit()
