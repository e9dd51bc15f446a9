"""What the clock does for identity checks."""

from __future__ import annotations

from celery import shared_task

from accounts.identity import checking


@shared_task(name="accounts.identity.forget_subjects")
def forget_subjects() -> int:
    """Blank whom checks were about that are old enough; of how many."""
    return checking.forget_subjects()
