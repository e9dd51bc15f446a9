"""Temporary folders that a killed test run leaves behind are removed by the next one."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile
from pathlib import Path

_PREFIX = "wallet-test-"


def make_folder(name: str) -> Path:
    """A folder for this process, removed when the process ends."""
    _remove_leftovers()
    folder = Path(tempfile.mkdtemp(prefix=f"{_PREFIX}{os.getpid()}-{name}-"))
    owner = os.getpid()
    atexit.register(lambda: _remove(folder, owner))
    return folder


def _remove(folder: Path, owner: int) -> None:
    """Forked children run the same exit functions; the folder is not theirs."""
    if os.getpid() == owner:
        shutil.rmtree(folder, ignore_errors=True)


def _remove_leftovers() -> None:
    for folder in Path(tempfile.gettempdir()).glob(f"{_PREFIX}*"):
        number = folder.name.removeprefix(_PREFIX).split("-")[0]
        if number.isdigit() and not Path(f"/proc/{number}").exists():
            shutil.rmtree(folder, ignore_errors=True)
