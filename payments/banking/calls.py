"""Calling a bank within a deadline, whatever the other side does with its time.

A call runs in a thread of its own that is left behind when the deadline passes. The threads left
behind are counted: with a bank that swallows every call, `MOST_LEFT` of them wait in the
background and further calls say "no answer" at once, so neither threads nor workers run out.
After a call that took too long nobody in this process calls for half a minute: a bank that hangs
must not keep a worker from the other things it does. The orders wait in their rows.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent.futures import Future
from typing import TypeVar

from django.db import connections

from accounts.security.patience import Patience
from payments.banking.rails import rail_class
from payments.banking.rails.base import BankRail, NoAnswerError

MOST_LEFT = 8
REST_SECONDS = 30.0
bank_patience = Patience(REST_SECONDS)
_slots = threading.BoundedSemaphore(MOST_LEFT)

Result = TypeVar("Result")


class RailFailedError(Exception):
    """The rail broke instead of answering; the cause says how."""


def call_rail(work: Callable[[BankRail], Result], *, seconds: float) -> Result:
    """Build the rail and run `work` with it, for `seconds` at most.

    Raises NoAnswerError when the time is over, RailFailedError when the rail broke.
    """
    rail = rail_class()
    if _runs_here(rail):
        return work(rail())
    if bank_patience.is_resting() or not _slots.acquire(blocking=False):
        raise NoAnswerError("the bank has kept others waiting")
    answer: Future[Result] = Future()
    threading.Thread(target=_run, args=(rail, work, answer), name="bank call", daemon=True).start()
    try:
        return answer.result(timeout=seconds)
    except TimeoutError:
        bank_patience.it_failed()
        raise NoAnswerError(f"no answer within {seconds} s") from None


def _runs_here(rail: type[BankRail]) -> bool:
    """Whether the rail says that it cannot hang: as an attribute, or as a property of one built."""
    said = getattr(rail, "runs_here", False)
    if isinstance(said, property):
        said = getattr(rail(), "runs_here", False)
    return said is True


def _run(rail: type[BankRail], work: Callable[[BankRail], Result], answer: Future[Result]) -> None:
    try:
        answer.set_result(work(rail()))
    except NoAnswerError as error:
        answer.set_exception(error)
    except BaseException as error:  # also SystemExit: a rail must not end the worker
        failed = RailFailedError(type(error).__name__)
        failed.__cause__ = error
        answer.set_exception(failed)
    finally:
        connections.close_all()
        _slots.release()
