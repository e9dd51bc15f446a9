"""What the worker does with batches. A message is only a wake-up; the rows are the truth."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction

from accounts.security.counters import LOST_WAKE_UPS
from accounts.security.sweeping import do_each

logger = logging.getLogger(__name__)


@shared_task(name="payments.transfers.run_batch")
def run_batch(batch_id: int) -> int:
    """Carry out what one batch has left; returns how many lines ended."""
    from payments.transfers.batch.running import run_batch as run

    return run(batch_id=batch_id)


@shared_task(name="payments.transfers.run_batches")
def run_batches() -> int:
    """Find every batch with lines left, also those whose message was lost; returns how many lines
    ended. Forgets old drafts on the way."""
    from payments.transfers.batch.running import run_batch as run
    from payments.transfers.batch.selectors import list_running_ids
    from payments.transfers.batch.services import expire_drafts

    expire_drafts()
    return do_each(
        list_running_ids(), lambda batch_id: run(batch_id=batch_id), what="batch of transfers"
    )


def push_batch(batch_id: int) -> None:
    """Wake a worker once the caller's transaction is committed. A broker that is down costs
    nothing but time: the sweep finds the batch."""
    transaction.on_commit(lambda: _send(batch_id), robust=True)


def _send(batch_id: int) -> None:
    try:
        run_batch.apply_async(args=(batch_id,), retry=False, ignore_result=True)
    except Exception as error:  # whatever the broker does, the row is safe
        LOST_WAKE_UPS.labels(run_batch.name).inc()
        logger.warning("no wake-up for batch %s (%s)", batch_id, type(error).__name__)
