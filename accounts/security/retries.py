"""Running a transaction again when the database could not serialise it.

Locks are taken in one order (docs/architecture.md, "One order of locks"), so that two transactions
wait for each other and never both; what slips through all the same is run again, here.
Source: PostgreSQL documentation, 13.5 "Serialization Failure Handling": retry 40001, advisably
40P01, always the whole transaction.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from typing import TypeVar

from django.db import OperationalError, transaction

RETRIED = frozenset({"40001", "40P01"})
MOST_TRIES = 5

Result = TypeVar("Result")


def in_one_transaction(work: Callable[[], Result]) -> Result:
    """Run `work` in one durable transaction, at most five times.

    `work` touches nothing but the database, or a retry would do it twice.
    """
    for tries in range(1, MOST_TRIES + 1):
        try:
            with transaction.atomic(durable=True):
                return work()
        except OperationalError as error:
            if tries == MOST_TRIES or _sqlstate(error) not in RETRIED:
                raise
            # Short and uneven, so that the two that collided do not meet again.
            time.sleep(random.uniform(0.005, 0.03) * tries)  # noqa: S311 (a pause, not a secret)
    raise AssertionError("the loop returns or raises")


def _sqlstate(error: OperationalError) -> str:
    return str(getattr(error.__cause__, "sqlstate", "") or "")
