"""What the worker does for the banking room. A message is only a wake-up; the row is the truth."""

from __future__ import annotations

import logging

from celery import shared_task
from django.db import transaction

from payments.banking.clearing import advance_order
from payments.banking.selectors import list_due_order_ids

logger = logging.getLogger(__name__)


@shared_task(name="payments.banking.submit_order")
def submit_order(order_id: int) -> None:
    """Carry out one order as soon as it is written."""
    advance_order(order_id=order_id)


@shared_task(name="payments.banking.advance_bank_orders")
def advance_bank_orders() -> int:
    """Find every order whose time has come, also those whose message was lost; how many."""
    done = 0
    for order_id in list_due_order_ids():
        try:
            done += advance_order(order_id=order_id) is not None
        except Exception:
            # One order that cannot be booked must not hold up the others; its claim runs out
            # and the next sweep tries again.
            logger.exception("bank order %s could not be advanced", order_id)
    return done


def push_order(order_id: int) -> None:
    """Wake a worker once the caller's transaction is committed. A broker that is down costs
    nothing but time: the sweep finds the order."""
    transaction.on_commit(lambda: _send(order_id), robust=True)


def _send(order_id: int) -> None:
    try:
        submit_order.apply_async(args=(order_id,), retry=False, ignore_result=True)
    except Exception as error:  # whatever the broker does, the row is safe
        logger.warning("no wake-up for bank order %s (%s)", order_id, type(error).__name__)
