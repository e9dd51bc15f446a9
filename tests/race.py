"""Doing one thing many times at once, each in a thread with its own database connection."""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import TypeVar

from django.db import connections

from accounts.security.errors import Refusal

T = TypeVar("T")


def all_at_once(times: int, act: Callable[[int], T]) -> list[T | Refusal]:
    """Run `act(0) ... act(times - 1)` together; a refusal is a result, anything else is raised."""
    gate = threading.Barrier(times)

    def run(number: int) -> T | Refusal:
        try:
            gate.wait(timeout=30)
            return act(number)
        except Refusal as refusal:
            return refusal
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=times) as pool:
        return list(pool.map(run, range(times)))


def codes_of(results: Sequence[object]) -> dict[str, int]:
    """How often each refusal came; "" counts what went well."""
    found: dict[str, int] = {}
    for result in results:
        code = result.code if isinstance(result, Refusal) else ""
        found[code] = found.get(code, 0) + 1
    return found
