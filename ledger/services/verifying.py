"""Keeping what a verification found."""

from __future__ import annotations

from django.utils import timezone

from ledger.models import VerificationRun
from ledger.verification import Report


def note_verification(*, report: Report) -> VerificationRun:
    """Write down that the books were proved now, or were not."""
    return VerificationRun.objects.create(
        finished_at=timezone.now(),
        is_right=report.ok,
        problem_count=len(report.problems),
        entry_count=report.entries,
        head=report.head,
    )
