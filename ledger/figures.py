"""What an operator watches of the books. Cheap at any size: nothing is added up here."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from ledger.models import JournalEntry, SealedBlock, UnfoldedIncrease, VerificationRun

# Enough to know that folding has stopped.
_MOST_COUNTED = 100_000


@dataclass(frozen=True, slots=True)
class BookFigures:
    """`oldest_unsealed_at` is None when every entry is sealed; `verified_at` when nobody ever
    verified."""

    highest_entry_id: int
    sealed_up_to: int
    sealed_at: datetime | None
    oldest_unsealed_at: datetime | None
    unfolded_increases: int
    verified_at: datetime | None
    is_right: bool | None


def book_figures() -> BookFigures:
    """How far the books are sealed, folded and verified."""
    block = SealedBlock.objects.order_by("-pk").first()
    sealed_up_to = block.last_entry_id if block else 0
    newest = JournalEntry.objects.order_by("-pk").values_list("pk", flat=True).first()
    oldest = JournalEntry.objects.filter(pk__gt=sealed_up_to).order_by("pk").first()
    run = VerificationRun.objects.order_by("-pk").first()
    return BookFigures(
        highest_entry_id=newest or 0,
        sealed_up_to=sealed_up_to,
        sealed_at=block.created_at if block else None,
        oldest_unsealed_at=oldest.created_at if oldest else None,
        unfolded_increases=UnfoldedIncrease.objects.order_by()[:_MOST_COUNTED].count(),
        verified_at=run.finished_at if run else None,
        is_right=run.is_right if run else None,
    )
