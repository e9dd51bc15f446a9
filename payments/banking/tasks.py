"""What the worker does for the banking room. A message is only a wake-up; the row is the truth."""

from __future__ import annotations

import logging
import time

from celery import shared_task
from django.db import transaction

from accounts.security.counters import LOST_WAKE_UPS
from payments.banking.clearing import advance_order, open_overdue_cases
from payments.banking.selectors import list_due_order_ids
from payments.banking.states import Problem

logger = logging.getLogger(__name__)

# A bank that is slow or answers nobody must not keep the worker from other work: the sweep stops
# after so many questions in a row without an answer, and after so long. Orders that were asked
# about wait their turn now, so the next sweep begins with others.
MOST_SILENCES = 2
MOST_SECONDS = 10


@shared_task(name="payments.banking.submit_order")
def submit_order(order_id: int) -> None:
    """Carry out one order as soon as it is written."""
    advance_order(order_id=order_id)


@shared_task(name="payments.banking.advance_bank_orders")
def advance_bank_orders() -> int:
    """Find every order whose time has come, also those whose message was lost; how many."""
    done = silences = 0
    began = time.monotonic()
    for order_id in list_due_order_ids():
        if time.monotonic() - began > MOST_SECONDS:
            break
        try:
            order = advance_order(order_id=order_id)
        except Exception:
            # One order that cannot be booked must not hold up the others; its claim runs out
            # and a later sweep tries again.
            logger.exception("bank order %s could not be advanced", order_id)
            continue
        if order is None:
            continue
        done += 1
        silences = silences + 1 if order.problem == Problem.NO_ANSWER else 0
        if silences == MOST_SILENCES:
            break
    return done


@shared_task(name="payments.banking.open_overdue_cases")
def open_overdue_cases_task() -> int:
    """Make cases of orders without a final answer for too long; how many."""
    return open_overdue_cases()


def push_order(order_id: int) -> None:
    """Wake a worker once the caller's transaction is committed. A broker that is down costs
    nothing but time: the sweep finds the order."""
    transaction.on_commit(lambda: _send(order_id), robust=True)


def _send(order_id: int) -> None:
    try:
        submit_order.apply_async(args=(order_id,), retry=False, ignore_result=True)
    except Exception as error:  # whatever the broker does, the row is safe
        LOST_WAKE_UPS.labels(submit_order.name).inc()
        logger.warning("no wake-up for bank order %s (%s)", order_id, type(error).__name__)
