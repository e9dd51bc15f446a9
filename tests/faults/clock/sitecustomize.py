"""Loaded by every Python process of a tree under test: its clock jumps when a file says so.

The file holds seconds to add to the real time. Nothing of this is part of the product.
"""

import os
import threading
from datetime import UTC, datetime, timedelta
from pathlib import Path

_FILE = os.environ.get("WALLET_FAULT_CLOCK", "")


def _watch() -> None:
    import time_machine

    # Before any jump, or the pause between two looks would jump too.
    pause = threading.Event()
    traveller = None
    seen = "0"
    while True:
        pause.wait(0.05)
        try:
            wanted = Path(_FILE).read_text(encoding="ascii").strip() or "0"
        except OSError:
            continue
        if wanted == seen:
            continue
        if traveller is not None:
            traveller.stop()
            traveller = None
        if wanted != "0":
            there = datetime.now(UTC) + timedelta(seconds=float(wanted))
            traveller = time_machine.travel(there, tick=True)
            traveller.start()
        seen = wanted


def _start() -> None:
    threading.Thread(target=_watch, daemon=True).start()


if _FILE:
    os.register_at_fork(after_in_child=_start)
    _start()
