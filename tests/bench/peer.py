"""django-hordak on the same server: installed for the run into a venv of its own, then thrown away.

What is timed is its own `Account.transfer_to` inside `transaction.atomic()`, on accounts that were
loaded before the clock starts. It checks no balance and knows no idempotency.
"""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
import tempfile
import venv
from dataclasses import dataclass, field
from pathlib import Path

from tests.bench.server import Server

PACKAGES = ("django-hordak==2.0.0", "django>=5.2,<5.3", "psycopg[binary]>=3.3,<4", "setuptools")
INSTALL_SECONDS = 120


@dataclass
class HordakResult:
    """Transfers a second by number of writers, or why there is none."""

    rates: dict[int, float] = field(default_factory=dict)
    why_not: str = ""


def measure_hordak(server: Server, seconds: float) -> HordakResult:
    """Install, migrate, write, remove."""
    with tempfile.TemporaryDirectory(prefix="wallet-hordak-") as folder:
        python = str(Path(folder) / "bin" / "python")
        # The pip of this environment saves half the time; without one, the new venv gets its own.
        has_pip = importlib.util.find_spec("pip") is not None
        pip = (
            [sys.executable, "-m", "pip", "--python", python] if has_pip else [python, "-m", "pip"]
        )
        install = [*pip, "install", "-q", "--disable-pip-version-check", *PACKAGES]
        try:
            venv.create(folder, with_pip=not has_pip, symlinks=True)
            done = subprocess.run(
                install, capture_output=True, text=True, check=False, timeout=INSTALL_SECONDS
            )
        except subprocess.CalledProcessError:
            return HordakResult(why_not="no pip here, and venv could not make one")
        except subprocess.TimeoutExpired:
            return HordakResult(why_not="pip took too long")
        if done.returncode:
            return HordakResult(why_not=_last_line(done.stderr))
        return _run(python, server, seconds)


def _last_line(text: str) -> str:
    return ([line for line in text.splitlines() if line.strip()] or ["it failed"])[-1]


def _run(python: str, server: Server, seconds: float) -> HordakResult:
    subprocess.run([server.program("createdb"), "hordak"], env=server.environment(), check=True)
    script = str(Path(__file__).with_name("peer_writers.py"))
    environment = {
        "PATH": os.environ.get("PATH", ""),
        "HORDAK_PORT": str(server.port),
        "HORDAK_SECONDS": str(seconds),
    }
    done = subprocess.run(
        [python, script], env=environment, capture_output=True, text=True, check=False
    )
    if done.returncode:
        return HordakResult(why_not=_last_line(done.stderr))
    rates = json.loads(done.stdout.splitlines()[-1])
    return HordakResult({int(number): rate for number, rate in rates.items()})
