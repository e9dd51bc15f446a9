"""What the clock does with standing orders."""

from __future__ import annotations

from celery import shared_task

from payments.transfers.standing_orders.running import run_standing_orders


@shared_task(name="payments.transfers.run_standing_orders")
def run_orders() -> int:
    """Plan the dates that have come and pay what waits; returns how many dates were tried."""
    return run_standing_orders()
