"""Writer processes: each has its own Django and its own connection, and writes for a while."""

from __future__ import annotations

import os
import random
import threading
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from multiprocessing.managers import SyncManager
from typing import Any

import django

EVENT = "transfer"
_barrier: threading.Barrier | None = None


class Writers:
    """A number of processes that start together and count what they did in `seconds`."""

    def __init__(self, number: int, manager: SyncManager) -> None:
        self._number = number
        self._pool = ProcessPoolExecutor(
            number,
            mp_context=get_context("spawn"),
            initializer=_begin,
            initargs=(manager.Barrier(number),),
        )

    def rate(
        self, act: Callable[..., None], payers: Sequence[int], payees: Sequence[int], seconds: float
    ) -> float:
        """Transfers a second, all processes together."""
        futures = [
            self._pool.submit(_write, act, payers, payees, seconds) for _ in range(self._number)
        ]
        return sum(future.result(timeout=120) for future in futures)

    def close(self) -> None:
        """End the processes."""
        self._pool.shutdown()


def post_one(debit: int, credit: int, number: int) -> None:
    """One transfer through the service, as the product does it."""
    from ledger.services import Posting, post_entry

    key = f"bench:{os.getpid()}:{time.monotonic_ns()}:{number}"
    post_entry(key=key, event=EVENT, postings=[Posting(debit, credit, 1)])


def _begin(barrier: Any) -> None:
    global _barrier
    _barrier = barrier
    django.setup()
    # Random pairs need not be the same everywhere, only spread.
    random.seed(os.getpid())


def _write(
    act: Callable[..., None], payers: Sequence[int], payees: Sequence[int], seconds: float
) -> float:
    from django.db import connection

    connection.ensure_connection()
    if _barrier is not None:
        _barrier.wait(60)
    count, start = 0, time.perf_counter()
    until = start + seconds
    while time.perf_counter() < until:
        debit, credit = random.choice(payers), random.choice(payees)
        if debit != credit:
            act(debit, credit, count)
            count += 1
    return count / (time.perf_counter() - start)
