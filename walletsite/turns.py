"""One writer at a time on SQLite: who has waited longest in this process is next.

SQLite lets whoever waits look again after ever longer pauses, up to a tenth of a second, and
whoever has just come looks at once. So with many at the door somebody is always last: with eight
strangers sending forms one visitor waited for seconds, though nobody held the lock for longer than
a few hundredths of one. Here the threads of a web server queue up, and only the first looks.

The queue is for beginning a transaction alone, and nothing is held in it: a thread that waited as
long as the database would have it goes on without its turn.
"""

from __future__ import annotations

import threading
from collections import deque
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Any

from django.db.backends.signals import connection_created


class Queue:
    """First come, first served."""

    def __init__(self) -> None:
        self._guard = threading.Lock()
        self._waiting: deque[threading.Event] = deque()

    @contextmanager
    def turn(self, *, patience_seconds: float) -> Iterator[None]:
        """Wait until everybody who came before is done, but no longer than that."""
        mine = threading.Event()
        with self._guard:
            self._waiting.append(mine)
            self._waiting[0].set()
        try:
            mine.wait(patience_seconds)
            yield
        finally:
            with self._guard:
                self._waiting.remove(mine)
                if self._waiting:
                    self._waiting[0].set()


_queue = Queue()


def take_turns() -> None:
    """Have every connection to SQLite that is made from now on in this process take turns."""
    connection_created.connect(_queue_up)


def _queue_up(connection: Any, **_: object) -> None:
    if connection.vendor == "sqlite":
        # BEGIN IMMEDIATE: this is where the lock is waited for.
        connection._start_transaction_under_autocommit = partial(_begin, connection)


def _begin(connection: Any) -> None:
    patience = float(connection.settings_dict["OPTIONS"].get("timeout", 5))
    with _queue.turn(patience_seconds=patience):
        type(connection)._start_transaction_under_autocommit(connection)
