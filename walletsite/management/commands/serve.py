"""manage.py serve: the whole wallet on one machine, web server and worker, from one process.

Here is what needs Django: claiming the data folder and the port, and bringing the data up to date.
Then the process goes on as `walletsite.embedded`, which starts the servers and looks after them.
"""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import socket
import sys
from argparse import ArgumentParser
from typing import Any, NoReturn

from django.conf import settings
from django.core.management.base import BaseCommand

from walletsite import children, ports
from walletsite.embedded import STOPPING
from walletsite.installation import prepare


class Stop(Exception):
    """Raised by SIGINT and SIGTERM, wherever the command is."""


class CannotStart(Exception):
    """The address or the data folder cannot be had; the message says why and what to do."""


class Command(BaseCommand):
    """Prepare, start, look after, stop."""

    help = "Prepare the data, then run web server and Celery worker until Ctrl-C."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Address and port come from the environment, as `make run PORT=...` sets them."""
        parser.add_argument("--host", default=os.environ.get("WALLET_HOST") or "127.0.0.1")
        parser.add_argument("--port", default=os.environ.get("PORT") or "8000")
        parser.add_argument(
            "--ends-with-parent", action="store_true", help="stop when the caller is killed"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        """Returns when told to stop; exit code 0."""
        for number in STOPPING:
            signal.signal(number, _stop)
        # The children write the log; this process says in sentences what it does.
        logging.getLogger().setLevel(logging.WARNING)
        children.adopt_orphans()
        if options["ends_with_parent"]:
            children.dies_with_parent(signal.SIGTERM)()
        try:
            lock, listener = self._reserve(options["host"], options["port"])
        except CannotStart as refusal:
            # One sentence, without the name of an exception before it.
            self.stderr.write(str(refusal))
            sys.exit(1)
        try:
            prepare(self._say)
        except Stop:
            self._say("Stopped; the data is kept.")
            return
        _become_supervisor(listener.fileno(), lock.fileno())

    def _reserve(self, host: str, port: str) -> tuple[Any, socket.socket]:
        """The data folder and the port, before any work is done."""
        settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
        lock = (settings.VAR_DIR / "serve.lock").open("a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.seek(0)
            raise CannotStart(
                f"The wallet runs already on this data folder, {settings.VAR_DIR} "
                f"(process {lock.read().strip() or 'unknown'}): stop that one first."
            ) from None
        if not port.isdigit():
            raise CannotStart(f"PORT={port} is not a number: choose one from 1024 to 65535.")
        try:
            listener = ports.bind(host, int(port))
        except ports.PortRefused as refusal:
            raise CannotStart(str(refusal)) from refusal
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        return lock, listener

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()


def _stop(*_: object) -> NoReturn:
    raise Stop


def _become_supervisor(listener: int, lock: int) -> NoReturn:
    """Go on as the small program: what preparing took of memory is given back."""
    for descriptor in (listener, lock):
        os.set_inheritable(descriptor, True)
    # A signal that comes in between waits until the other program knows what to do with it.
    signal.pthread_sigmask(signal.SIG_BLOCK, STOPPING)
    arguments = ["-m", "walletsite.embedded", str(listener), str(int(settings.DEMO_MODE))]
    sys.stdout.flush()
    os.execv(sys.executable, [sys.executable, *arguments])
