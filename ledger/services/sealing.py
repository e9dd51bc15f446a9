"""Closing stretches of the journal with a hash. See `ledger/seals.py` for how and why."""

from __future__ import annotations

import time

from django.db import connections, router, transaction
from django.db.models import Max
from django.utils import timezone

from ledger.models import JournalEntry, SealedBlock
from ledger.seals import BEFORE_ALL, START, next_link, walk_journal

_PATIENCE_SECONDS = 2.0
_SEALER_LOCK = 7_305_001  # any number that no other advisory lock of the site uses


def seal_entries() -> SealedBlock | None:
    """Seal what was committed since the last block; None when there is nothing to seal yet.

    Never blocks a writer. While a long transaction is open it gives up and the next run seals.
    """
    alias = router.db_for_write(SealedBlock)
    horizon = _complete_up_to(alias)
    if horizon is None:
        return None
    with transaction.atomic(using=alias):
        if connections[alias].vendor == "postgresql":
            with connections[alias].cursor() as cursor:
                cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_SEALER_LOCK])
        last = SealedBlock.objects.order_by("-pk").first()
        chain, last_id = (last.chain_digest, last.last_entry_id) if last else (START, BEFORE_ALL)
        count = 0
        for link in walk_journal(after_id=last_id, up_to_id=horizon):
            chain = next_link(chain, link.content)
            last_id = link.entry.pk
            count += 1
        if not count:
            return None
        return SealedBlock.objects.create(
            last_entry_id=last_id,
            entry_count=count,
            chain_digest=chain,
            created_at=timezone.now(),
        )


def _complete_up_to(alias: str) -> int | None:
    """The highest entry id below which nothing can appear any more, if we can say so now."""
    if connections[alias].vendor != "postgresql":
        return _highest_entry_id()
    with connections[alias].cursor() as cursor:
        # In this order: whoever drew an id up to the highest had its number before the moment.
        highest = _highest_entry_id()
        cursor.execute("SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint")
        moment = cursor.fetchone()[0]
        until = time.monotonic() + _PATIENCE_SECONDS
        while True:
            cursor.execute(
                "SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint,"
                " pg_current_xact_id_if_assigned()::text::bigint"
            )
            oldest, own = cursor.fetchone()
            # Inside a caller's transaction (tests) our own number holds the mark back for ever.
            if oldest >= moment or oldest == own:
                return highest
            if time.monotonic() > until:
                return None
            time.sleep(0.02)


def _highest_entry_id() -> int | None:
    highest: int | None = JournalEntry.objects.aggregate(highest=Max("pk"))["highest"]
    return highest
