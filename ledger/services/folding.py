"""Adding up what hot accounts have queued."""

from __future__ import annotations

import logging

from ledger.engine import current_engine
from ledger.models import UnfoldedIncrease

logger = logging.getLogger(__name__)


def fold_pending_credits() -> int:
    """Fold every hot account's queue into its counters; how many rows were folded.

    One short transaction per account, so payers of one account never wait for another's, and one
    that cannot be folded stops none behind it.
    """
    waiting = UnfoldedIncrease.objects.order_by("account_id").values_list("account_id", flat=True)
    engine, folded = current_engine(), 0
    for account_id in waiting.distinct():
        try:
            folded += engine.fold(account_id)
        except Exception:
            logger.exception("account %s could not be folded", account_id)
    return folded
