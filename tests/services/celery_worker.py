"""A real Celery worker with beat, in a process of its own, on the database of the running test."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.db import connection

from walletsite.children import dies_with_parent


@contextmanager
def running_worker(*, redis_url: str = "") -> Iterator[subprocess.Popen[bytes]]:
    """Start a worker on Redis, or without a URL on the file queue of `make run`; stop it hard."""
    environment = {
        **os.environ,
        "DJANGO_SETTINGS_MODULE": "tests.settings",
        "WALLET_TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
        "WALLET_DEMO": "1",
        "SMS_GATEWAY": "accounts.phone.gateways.demo.DemoGateway",
    }
    if redis_url:
        environment["REDIS_URL"] = redis_url
    worker = subprocess.Popen(
        [
            sys.executable, "-W", "ignore:You're running the worker", "-m", "walletsite.worker",
            "--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat",
            "--loglevel", "WARNING",
        ],
        env=environment,
        start_new_session=True,
        preexec_fn=dies_with_parent(signal.SIGTERM),
    )  # fmt: skip
    try:
        yield worker
    finally:
        with suppress(ProcessLookupError):
            os.killpg(worker.pid, signal.SIGKILL)
        worker.wait()
