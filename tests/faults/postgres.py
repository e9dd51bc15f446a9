"""A durable PostgreSQL that can be killed and started again."""

from __future__ import annotations

import os
import signal
import subprocess
from contextlib import suppress
from pathlib import Path

from tests.services.folders import make_folder
from tests.services.postgresql import (
    as_nobody,
    find_programs,
    give_to_nobody,
    initialise,
    wait_until_ready,
)
from walletsite.children import dies_with_parent

# As an operator would leave them: what is committed is on the disk.
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "60",
    "shared_buffers": "64MB",
    "fsync": "on",
    "synchronous_commit": "on",
    "logging_collector": "off",
}


class Postgres:
    """One server with its data folder; `socket` is where it listens while it runs."""

    def __init__(self) -> None:
        folder = make_folder("faults-postgresql")
        self._programs = find_programs(folder)
        self._home = folder / "home"
        self._home.mkdir(mode=0o700)
        give_to_nobody(folder, self._home)
        self._data = self._home / "data"
        self._log = folder / "log"
        initialise(self._programs, self._data)
        self.process = self._start()

    @property
    def socket(self) -> Path:
        return self._home / ".s.PGSQL.5432"

    def pids(self) -> list[int]:
        """The server and the processes it made."""
        listing = subprocess.run(
            ["ps", "-o", "pid=", "--ppid", str(self.process.pid)],
            capture_output=True, text=True, check=False,
        )  # fmt: skip
        return [self.process.pid, *(int(word) for word in listing.stdout.split())]

    def kill(self) -> None:
        """All of it at once, as a power cut would."""
        for pid in self.pids() if self.process.poll() is None else []:
            with suppress(ProcessLookupError):
                os.kill(pid, signal.SIGKILL)
        self.process.wait()

    def start_again(self) -> None:
        """Recover and go on."""
        if self.process.poll() is not None:
            self.process = self._start()

    def stop(self) -> None:
        """At once; nothing is kept."""
        self.process.send_signal(signal.SIGQUIT)
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(timeout=20)
        self.kill()

    def _start(self) -> subprocess.Popen[bytes]:
        (self._data / "postmaster.pid").unlink(missing_ok=True)
        flags = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
        with self._log.open("ab") as log:
            process = subprocess.Popen(
                [self._programs / "postgres", "-D", self._data, "-k", self._home, *flags],
                stdout=subprocess.DEVNULL,
                stderr=log,
                start_new_session=True,
                preexec_fn=dies_with_parent(signal.SIGQUIT),
                **as_nobody(),
            )
        wait_until_ready(process, self._data, self._log)
        return process
