"""Keeps the children of `serve` alive, and stops them in order.

Each child is the leader of its own session: Ctrl-C in the terminal reaches the parent alone, and
what a killed child leaves behind can be ended by its group.
"""

from __future__ import annotations

import os
import signal
import subprocess
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from walletsite.children import dies_with_parent

_LONGEST_PAUSE = 8.0
_HEALTHY_AFTER = 30.0


@dataclass
class Child:
    """One program, started again when it ends by itself."""

    name: str
    command: Sequence[str]
    patience_seconds: float
    fds: tuple[int, ...] = ()
    process: subprocess.Popen[bytes] | None = None
    started_at: float = 0.0
    pause: float = 0.0
    start_at: float = field(default=0.0)

    def start(self) -> None:
        """Start it; it gets SIGTERM when this process dies."""
        self.process = subprocess.Popen(
            self.command,
            stdin=subprocess.DEVNULL,
            pass_fds=self.fds,
            start_new_session=True,
            preexec_fn=dies_with_parent(signal.SIGTERM),
        )
        self.started_at = time.monotonic()

    def stop(self) -> None:
        """Ask, wait, insist; then end whatever is left of its group."""
        if self.process is None:
            return
        self.process.terminate()
        try:
            self.process.wait(self.patience_seconds)
        except subprocess.TimeoutExpired:
            pass
        self.end_group()

    def end_group(self) -> None:
        """A killed worker cannot stop its own beat: the group is ended for it."""
        if self.process is None:
            return
        try:
            os.killpg(self.process.pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
        self.process.wait()
        _bury(self.process.pid)
        self.process = None


class Supervisor:
    """Starts the children, watches them, stops them in the order given."""

    def __init__(self, children: Sequence[Child], say: Callable[[str], None]) -> None:
        self._children = children
        self._say = say

    def start(self) -> None:
        """Start all of them."""
        for child in self._children:
            child.start()

    def look_after(self) -> None:
        """Notice who ended, and start it again: at once, then after growing pauses."""
        now = time.monotonic()
        for child in self._children:
            if child.process is None:
                if now >= child.start_at:
                    child.start()
                continue
            code = child.process.poll()
            if code is None:
                continue
            has_worked = now - child.started_at > _HEALTHY_AFTER
            child.pause = 0.0 if has_worked else min(_LONGEST_PAUSE, child.pause * 2 or 0.5)
            child.start_at = now + child.pause
            self._say(f"The {child.name} ended ({_how(code)}); starting it again.")
            child.end_group()

    def stop(self) -> None:
        """Stop all of them, the first one first."""
        for child in self._children:
            child.stop()


def _how(code: int) -> str:
    return signal.Signals(-code).name if code < 0 else f"exit code {code}"


def _bury(group: int) -> None:
    """Take note of the end of every orphan of a group, else they stay as zombies."""
    while True:
        try:
            os.waitpid(-group, 0)
        except ChildProcessError:
            return
