"""The clock of the sweeps: goes on when the wall clock jumps, and dies only with its worker."""

from __future__ import annotations

import logging
import os
import signal
import threading
import time
from datetime import timedelta
from typing import Any

from celery import bootsteps
from celery.beat import Scheduler, Service
from celery.schedules import schedule

logger = logging.getLogger(__name__)

# Less is a clock being trimmed; more is a jump.
_JUMP_SECONDS = 1.0


class SteadyScheduler(Scheduler):
    """Runs every sweep at its interval, whatever becomes of the wall clock.

    Celery plans by the wall clock: set back by a day, it would wait for a day. Here every jump
    makes a new plan that begins now, and so does every start. Nothing is kept in a file that a
    full disk or a kill could spoil; a sweep that runs once more than it must finds nothing to do.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._offset = _wall_offset()
        super().__init__(*args, **kwargs)

    def setup_schedule(self) -> None:
        """Take the plan from the settings."""
        self.install_default_entries(self.schedule)
        self.merge_inplace(self.app.conf.beat_schedule)
        self._begin_now()

    def tick(self, *args: Any, **kwargs: Any) -> float:
        """Do what is due; seconds until the next look, at most one so that jumps are noticed."""
        offset = _wall_offset()
        if abs(offset - self._offset) > _JUMP_SECONDS:
            logger.warning("the clock jumped by %.0f seconds", offset - self._offset)
            self._begin_now()
        self._offset = offset
        wait: float = super().tick(*args, **kwargs)
        return min(wait, 1.0)

    def _begin_now(self) -> None:
        """Every sweep is due; the base class makes its plan of that."""
        for entry in self.schedule.values():
            assert isinstance(entry.schedule, schedule)
            entry.last_run_at = entry.default_now() - timedelta(seconds=entry.schedule.seconds)
        self._heap = None


class BeatThread(bootsteps.StartStopStep):
    """Beat as a thread of the worker: no process of its own that could die unnoticed.

    Should it end by itself, it takes the worker with it, and who started that starts it again.
    """

    def __init__(self, parent: Any, **kwargs: Any) -> None:
        super().__init__(parent, **kwargs)
        self._service = Service(parent.app, max_interval=1, scheduler_cls=SteadyScheduler)
        self._is_stopping = False

    def start(self, parent: Any) -> None:
        """Begin to tick."""
        threading.Thread(target=self._run, name="beat", daemon=True).start()

    def stop(self, parent: Any) -> None:
        """Tick no more."""
        self._is_stopping = True
        self._service.stop()

    terminate = stop

    def _run(self) -> None:
        try:
            self._service.start()
        except Exception:
            logger.exception("beat failed")
        finally:
            if not self._is_stopping:
                os.kill(os.getpid(), signal.SIGTERM)


def _wall_offset() -> float:
    """How far the wall clock is from the one that never jumps."""
    return time.time() - time.monotonic()
