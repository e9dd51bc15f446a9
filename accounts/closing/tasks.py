"""What the clock does for people who have left."""

from __future__ import annotations

from celery import shared_task

from accounts.closing.personal import forget_late
from accounts.closing.services import forget_over


@shared_task(name="accounts.closing.forget_former")
def forget_former() -> int:
    """Delete what the law no longer asks for; of how many people."""
    return forget_over()


@shared_task(name="accounts.closing.forget_late")
def forget_late_columns() -> int:
    """Empty what nothing is decided by any more, of customers too; how many rows."""
    return forget_late()
