"""The sweep that seals, and the daily proof."""

from __future__ import annotations

import logging

from celery import shared_task

from accounts.audit.services import seal_audit, verify_audit

logger = logging.getLogger(__name__)


@shared_task(name="accounts.audit.seal")
def seal() -> int:
    """Seal what has no link yet; how many."""
    return seal_audit()


@shared_task(name="accounts.audit.verify")
def verify() -> int:
    """Prove the whole log; how many problems there are. Each is an alarm in the logs."""
    report = verify_audit()
    for problem in report.problems:
        logger.critical("the audit log is wrong: %s", problem)
    return len(report.problems)
