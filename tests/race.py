"""Doing one thing many times at once, each in a thread with its own database connection."""

from __future__ import annotations

import re
import threading
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from django.db import connection, connections

from accounts.security.errors import Refusal

T = TypeVar("T")
# Longer than PostgreSQL takes to see that two wait for each other.
_PATIENCE_SECONDS = 1.5


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


def one_inside_the_other(
    first: Callable[[], object],
    second: Callable[[], object],
    *,
    before: str = "",
    after: str = "",
) -> tuple[object, object]:
    """Stop `first` before or after its first statement that matches a regular expression, do all
    of `second` there, and go on with `first`; what both answered.

    Where `second` has to wait for what `first` holds, `first` goes on after a moment. A refusal is
    an answer; anything else is raised, also that `first` never came to such a statement.
    """
    reached, done = threading.Event(), threading.Event()
    met: list[str] = []

    def pause(sql: str) -> None:
        if not met:
            met.append(sql)
            reached.set()
            done.wait(timeout=_PATIENCE_SECONDS)

    def watch(execute: Callable[..., Any], sql: str, params: Any, many: bool, context: Any) -> Any:
        if before and re.search(before, sql):
            pause(sql)
        answer = execute(sql, params, many, context)
        if after and re.search(after, sql):
            pause(sql)
        return answer

    def run_first(act: Callable[[], object]) -> object:
        with connection.execute_wrapper(watch):
            return _answer_of(act, reached)

    def run_second(act: Callable[[], object]) -> object:
        reached.wait(timeout=30)
        return _answer_of(act, done)

    with ThreadPoolExecutor(max_workers=2) as pool:
        one, other = pool.submit(run_first, first), pool.submit(run_second, second)
        answers = one.result(), other.result()
    assert met, f"no statement matches {before or after!r}"
    return answers


def _answer_of(act: Callable[[], object], ended: threading.Event) -> object:
    try:
        return act()
    except Refusal as refusal:
        return refusal
    finally:
        ended.set()
        connections.close_all()


def codes_of(results: Sequence[object]) -> dict[str, int]:
    """How often each refusal came; "" counts what went well."""
    found: dict[str, int] = {}
    for result in results:
        code = result.code if isinstance(result, Refusal) else ""
        found[code] = found.get(code, 0) + 1
    return found
