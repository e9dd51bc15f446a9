"""The sweep over proposals."""

from __future__ import annotations

from celery import shared_task

from accounts.approvals.services import expire_proposals


@shared_task(name="accounts.approvals.expire_proposals")
def expire() -> int:
    """Proposals that nobody decided in time end."""
    return expire_proposals()
