"""manage.py serve: the whole wallet on one machine, web server and worker, from one process."""

from __future__ import annotations

import fcntl
import logging
import os
import signal
import socket
import sys
import time
from argparse import ArgumentParser
from typing import Any, NoReturn
from urllib.error import HTTPError, URLError
from urllib.request import ProxyHandler, build_opener

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from walletsite import children, ports
from walletsite.installation import prepare
from walletsite.supervisor import Child, Supervisor

_READY_SECONDS = 60
# A worker on the file queue takes up to eight seconds to finish what it does.
_WORKER_PATIENCE = 9.0
_WEB_PATIENCE = 6.0


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
        for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
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
        supervisor = Supervisor(_children(listener), self._say)
        try:
            prepare(self._say)
            self._say("Starting web server and worker")
            supervisor.start()
            self._wait_until_ready(supervisor, *listener.getsockname()[:2])
            self._welcome(*listener.getsockname()[:2])
            while True:
                time.sleep(0.25)
                supervisor.look_after()
        except Stop:
            for number in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
                signal.signal(number, signal.SIG_IGN)
            self._say("Stopping")
        finally:
            listener.close()
            supervisor.stop()
            lock.close()
        self._say("Stopped; the data is kept.")

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

    def _wait_until_ready(self, supervisor: Supervisor, host: str, port: int) -> None:
        until = time.monotonic() + _READY_SECONDS
        # Straight to our own server, whatever proxy the environment names.
        opener = build_opener(ProxyHandler({}))
        while time.monotonic() < until:
            try:
                with opener.open(_address(host, port) + "healthz", timeout=5):
                    return
            except HTTPError:
                return
            except (URLError, OSError):
                time.sleep(0.05)
                supervisor.look_after()
        raise CommandError("The web server did not answer in time; its messages stand above.")

    def _welcome(self, host: str, port: int) -> None:
        address = _address(host, port)
        lines = ["", f"  The wallet is ready:  {address}"]
        if settings.DEMO_MODE:
            lines += [
                f"  SMS codes appear on   {address}demo/inbox/ and here in the terminal.",
                "  This is demo mode: never with real money.",
            ]
        self.stdout.write("\n".join([*lines, "  Ctrl-C stops it.", ""]))
        self.stdout.flush()

    def _say(self, line: str) -> None:
        self.stdout.write(f"  {line}")
        self.stdout.flush()


def _stop(*_: object) -> NoReturn:
    raise Stop


def _address(host: str, port: int) -> str:
    # What listens everywhere is looked at from here.
    shown = {"0.0.0.0": "127.0.0.1", "::": "::1"}.get(host, host)  # noqa: S104
    return f"http://[{shown}]:{port}/" if ":" in shown else f"http://{shown}:{port}/"


def _children(listener: socket.socket) -> list[Child]:
    """Web first: it stops taking requests before the worker stops working."""
    python, fd = sys.executable, listener.fileno()
    web = Child("web server", [python, "-m", "walletsite.web", str(fd)], _WEB_PATIENCE, (fd,))
    worker = Child(
        "worker",
        [
            # As root Celery warns of pickle, which it does not use here.
            python, "-W", "ignore:You're running the worker", "-m", "walletsite.worker",
            "--pool=solo", "--without-gossip", "--without-mingle", "--without-heartbeat",
            "--loglevel", "WARNING", "--hostname", "embedded@localhost",
        ],
        _WORKER_PATIENCE,
    )  # fmt: skip
    return [web, worker]
