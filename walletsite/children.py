"""Child processes that never outlive the process that started them."""

from __future__ import annotations

import ctypes
import signal
import sys
from collections.abc import Callable

_PR_SET_PDEATHSIG = 1
_PR_SET_CHILD_SUBREAPER = 36
# Loaded before any fork: between fork and exec a child must not import or lock anything.
_libc = ctypes.CDLL(None) if sys.platform == "linux" else None


def dies_with_parent(said: signal.Signals = signal.SIGTERM) -> Callable[[], None]:
    """A `preexec_fn` that has the kernel send `said` to the child when its parent ends.

    On Linux this holds even for a parent that was killed with SIGKILL; elsewhere it does nothing.
    The parent is the thread that started the child: start children from the main thread.
    """

    def prepare() -> None:
        if _libc is not None:
            _libc.prctl(_PR_SET_PDEATHSIG, int(said))

    return prepare


def adopt_orphans() -> None:
    """Make this process the parent of its children's orphans, so that it can end and bury them."""
    if _libc is not None:
        _libc.prctl(_PR_SET_CHILD_SUBREAPER, 1)
