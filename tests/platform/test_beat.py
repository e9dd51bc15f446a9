"""Beat's plan when the wall clock jumps."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine

from walletsite.beat import SteadyScheduler
from walletsite.celery import app

pytestmark = pytest.mark.once

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)


class Recorder(SteadyScheduler):
    """Notes what it would send."""

    def apply_entry(self, entry: Any, producer: Any = None) -> None:
        self.sent = [*getattr(self, "sent", []), entry.name]


def run_down(scheduler: Recorder) -> set[str]:
    """Everything that is due now."""
    scheduler.sent = []
    for _entry in range(2 * len(scheduler.schedule)):
        scheduler.tick()
    return set(scheduler.sent)


@pytest.mark.parametrize("jump", [timedelta(days=1), timedelta(hours=-1), timedelta(days=-1)])
def test_after_a_jump_every_sweep_goes_on_at_once(jump: timedelta) -> None:
    with time_machine.travel(NOON, tick=False):
        scheduler = Recorder(app=app, lazy=False)
        everything = set(scheduler.schedule)
        assert len(everything) > 5
        assert run_down(scheduler) == everything
        assert run_down(scheduler) == set()
    with time_machine.travel(NOON + jump, tick=False):
        assert run_down(scheduler) == everything
        assert run_down(scheduler) == set()


def test_between_two_runs_lies_the_interval() -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        scheduler = Recorder(app=app, lazy=False)
        run_down(scheduler)
        often = "payments.banking.advance_bank_orders"
        # No faster than the jump that makes a new plan: a clock that runs, second by second.
        seen = 0
        for _second in range(10):
            clock.shift(timedelta(seconds=1))
            scheduler._offset += 1
            seen += often in run_down(scheduler)
        assert seen == 2
