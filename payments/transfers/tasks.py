"""What the clock does with transfers."""

from __future__ import annotations

from celery import shared_task

from payments.transfers.arriving import settle_due_arrivals


@shared_task(name="payments.transfers.settle_arrivals")
def settle_arrivals() -> int:
    """Let everything arrive whose time has come; returns how many transfers ended."""
    return settle_due_arrivals()
