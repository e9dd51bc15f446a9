"""Adding up what hot accounts have queued."""

from __future__ import annotations

from ledger.engine import current_engine
from ledger.models import UnfoldedIncrease


def fold_pending_credits() -> int:
    """Fold every hot account's queue into its counters; how many rows were folded.

    One short transaction per account, so payers of one account never wait for another's.
    """
    waiting = UnfoldedIncrease.objects.order_by("account_id").values_list("account_id", flat=True)
    engine = current_engine()
    return sum(engine.fold(account_id) for account_id in waiting.distinct())
