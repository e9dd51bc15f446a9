"""The embedded worker: one process that works and keeps the clock of the sweeps.

`python -m walletsite.worker [options of celery worker]`; `serve` starts it. In production worker
and beat are two services.
"""

from __future__ import annotations

import sys

from walletsite.beat import BeatThread
from walletsite.celery import app


def main() -> None:
    """Work until SIGTERM."""
    app.steps["worker"].add(BeatThread)
    app.worker_main(["--quiet", "worker", *sys.argv[1:]])


if __name__ == "__main__":
    main()
