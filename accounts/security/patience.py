"""How long to leave alone what did not answer.

A Redis that is frozen takes requests and answers none. Whoever notices it first waits for the
time-out; for the next seconds nobody in this process asks at all, and pages stay fast.
"""

from __future__ import annotations

import threading
import time

_REST_SECONDS = 5.0


class Patience:
    """Remembers, in this process, that something did not answer."""

    def __init__(self, rest_seconds: float = _REST_SECONDS) -> None:
        self._rest_seconds = rest_seconds
        self._lock = threading.Lock()
        self._rests_until = 0.0

    def is_resting(self) -> bool:
        """True while it is better not to ask."""
        return time.monotonic() < self._rests_until

    def it_failed(self) -> bool:
        """Begin a rest; True for the first one who says so, who may write a line about it."""
        with self._lock:
            is_news = not self.is_resting()
            self._rests_until = time.monotonic() + self._rest_seconds
            return is_news

    def it_answered(self) -> None:
        """End the rest."""
        self._rests_until = 0.0


redis_patience = Patience()
