"""Real processes that all start at the same moment, each with its own database connection."""

from __future__ import annotations

import os
import time
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from multiprocessing import get_context
from typing import Any

import django

START_AFTER_SECONDS = 0.3


class Race:
    """Hands jobs to the processes; each job is a module-level function and its arguments."""

    def __init__(self, pool: ProcessPoolExecutor) -> None:
        self._pool = pool
        self.engine = ""
        self.database: dict[str, Any] = {}

    def run(self, jobs: Iterable[tuple[Callable[..., Any], tuple[Any, ...]]]) -> list[Any]:
        """What each job returned, or the code of the LedgerError it ended with."""
        start_at = time.time() + START_AFTER_SECONDS
        futures = [
            self._pool.submit(_job, act, arguments, start_at, self.engine, self.database)
            for act, arguments in jobs
        ]
        return [future.result(timeout=120) for future in futures]


@contextmanager
def racing_processes(number: int) -> Iterator[Race]:
    """Processes that live for a test module; starting one costs a second."""
    with ProcessPoolExecutor(number, mp_context=get_context("spawn"), initializer=_begin) as pool:
        yield Race(pool)


def _begin() -> None:
    if not os.environ.get("DJANGO_SETTINGS_MODULE"):
        os.environ["DJANGO_SETTINGS_MODULE"] = "walletsite.settings"
    django.setup()


def _job(
    act: Callable[..., Any],
    arguments: tuple[Any, ...],
    start_at: float,
    engine: str,
    database: dict[str, Any],
) -> Any:
    from django.db import connections
    from django.test import override_settings

    from ledger.errors import LedgerError

    connection = connections["default"]
    if connection.settings_dict["NAME"] != database["NAME"]:
        connection.close()
        connection.settings_dict.update(database)
    time.sleep(max(0.0, start_at - time.time()))
    try:
        with override_settings(LEDGER_ENGINE=engine):
            return act(*arguments)
    except LedgerError as error:
        return error.code
    finally:
        connection.close()
