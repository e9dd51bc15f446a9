"""What the clock does for numbers that went to somebody else."""

from __future__ import annotations

from celery import shared_task

from accounts.recycled.services import forget_over, free_due


@shared_task(name="accounts.recycled.free_numbers")
def free_numbers() -> int:
    """Numbers whose time to object is over are free; how many."""
    forget_over()
    return free_due()
