"""Waking up the sender. A task carries the number of a row, never a code or a phone."""

from __future__ import annotations

import logging
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from threading import BoundedSemaphore

from celery import shared_task

from accounts.phone import outbox, receipts
from accounts.security.counters import LOST_WAKE_UPS

logger = logging.getLogger(__name__)
# A frozen broker blocks a publisher for seconds. One thread beside the request takes that
# blow; when it falls behind, wake-ups are dropped and the sweep sends.
_pusher = ThreadPoolExecutor(max_workers=1, thread_name_prefix="sms-wake-up")
_room = BoundedSemaphore(50)


@shared_task(name="accounts.phone.deliver_code")
def deliver_code(row_id: int) -> None:
    """Send one message, unless somebody else has."""
    outbox.deliver(row_id)


@shared_task(name="accounts.phone.deliver_due_codes")
def deliver_due_codes() -> int:
    """The sweep: every few seconds, whatever the broker lost."""
    return outbox.deliver_due()


@shared_task(name="accounts.phone.ask_for_receipts")
def ask_for_receipts() -> int:
    """The sweep that asks providers about messages which nobody reported on."""
    return receipts.ask_providers()


@shared_task(name="accounts.phone.forget_old_codes")
def forget_old_codes() -> None:
    """Once an hour: rows that nobody needs any more."""
    outbox.forget_old()


def wake_sender(row_id: int) -> None:
    """Ask a worker to send a row now. Never fails and never waits: the sweep comes anyway."""
    if not _room.acquire(blocking=False):
        return
    # The copy carries the request's id over to the task.
    _pusher.submit(copy_context().run, _publish, row_id)


def _publish(row_id: int) -> None:
    try:
        deliver_code.apply_async(args=(row_id,), retry=False, ignore_result=True)
    except Exception as error:  # whatever the broker does, the row is safe
        LOST_WAKE_UPS.labels(deliver_code.name).inc()
        logger.warning("no wake-up for message %s (%s)", row_id, type(error).__name__)
    finally:
        _room.release()
