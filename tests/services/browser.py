"""A real Chromium: the headless shell of the system, else the one `make test` put into `.cache`."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

_NAMES = ("chromium-headless-shell", "headless_shell", "chromium", "chromium-browser")
CACHED = Path(__file__).resolve().parents[2] / ".cache" / "chromium" / "chromium"
# Quiet: no background traffic, no graphics card, nothing that differs from run to run.
FLAGS = (
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--disable-dev-shm-usage",
)


def find_chromium() -> str:
    """The path of a Chromium. Raises RuntimeError when there is none."""
    if chosen := os.environ.get("WALLET_TEST_BROWSER"):
        return chosen
    path = os.pathsep.join([os.environ.get("PATH", ""), "/usr/bin", "/usr/local/bin"])
    for name in _NAMES:
        if found := shutil.which(name, path=path):
            return found
    if CACHED.exists():
        return str(CACHED)
    raise RuntimeError(
        "No Chromium: run `make test`, or install the system package chromium-headless-shell."
    )
