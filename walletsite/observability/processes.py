"""Counts of many processes that add up: prometheus_client's multiprocess mode, made safe here.

Every process writes its counts to files of its own; whoever is asked for `/metrics` adds up the
files of its container. What the library leaves open is decided here:

- A folder per container (host name and process namespace), so that containers on one shared volume
  are told apart: each answers for itself, and Prometheus adds them up. Numbers of processes repeat
  between containers and after a restart; a process is named by its number and its start.
- The counts of a process that ended are moved into one file of the retired, so that neither the
  counts nor the number of files can grow or shrink with restarts. A folder without a living
  process is removed.
- Files are given their room on the disk before they are mapped: a full disk must not kill a
  process that counts (writing to a mapped hole ends in SIGBUS). Without room a process counts in
  its own memory.
"""

from __future__ import annotations

import fcntl
import os
import re
import shutil
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TextIO

from django.conf import settings
from prometheus_client import CollectorRegistry, values
from prometheus_client.mmap_dict import MmapedDict
from prometheus_client.multiprocess import MultiProcessCollector

_ROOM = 1 << 20
_KINDS = ("counter", "histogram")
_RETIRED = "retired"
# The library reads the folder of its files here.
_FOLDER_VARIABLE = "PROMETHEUS_MULTIPROC_DIR"
_RETIRE_EVERY_SECONDS = 60.0


class Processes:
    """The processes of this container that count, this one among them."""

    def __init__(self) -> None:
        self._pid = 0
        self._name = ""
        self._alive: TextIO | None = None
        self._retired_at = 0.0
        self._lock = threading.Lock()

    def name(self) -> str:
        """Who counts: never the same for two processes. The first call of a process joins it.

        Called by the library before each count, also in a child after a fork. Raises OSError
        without room on the disk; a child goes on in its parent's files then, which have theirs.
        """
        if self._pid != os.getpid():
            try:
                self._join()
                self._pid = os.getpid()
            except OSError:
                if not self._name:
                    raise
        return self._name

    def _join(self) -> None:
        folder = counts_folder()
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        _remove_abandoned(folder.parent, keep=folder)
        # Held for as long as this process lives; a child after a fork holds it on.
        self._alive = (folder / "alive").open("w")
        fcntl.flock(self._alive, fcntl.LOCK_SH)
        name = f"{os.getpid()}-{_started(os.getpid())}"
        for kind in _KINDS:
            _give_room(folder / f"{kind}_{name}.db")
        self._name = name

    def collect(self) -> CollectorRegistry:
        """A registry that reads the counts of all processes of this container."""
        registry = CollectorRegistry()
        if counts_folder().is_dir():
            MultiProcessCollector(registry, path=str(counts_folder()))
        return registry

    @contextmanager
    def reading(self) -> Iterator[None]:
        """While it lasts no file is moved away; retires the dead first, now and then."""
        folder = counts_folder()
        if not folder.is_dir():
            yield
            return
        with (folder / "move").open("w") as lock:
            with self._lock:
                is_due = time.monotonic() - self._retired_at > _RETIRE_EVERY_SECONDS
                if is_due or not self._retired_at:
                    self._retired_at = time.monotonic()
                    fcntl.flock(lock, fcntl.LOCK_EX)
                    retire_dead(folder)
            fcntl.flock(lock, fcntl.LOCK_SH)
            yield


def counts_folder() -> Path:
    """Where the processes of this container write their counts."""
    host = re.sub(r"[^A-Za-z0-9.-]", "-", socket.gethostname())[:60] or "host"
    return Path(settings.METRICS["folder"]) / f"{host}-{_namespace()}"


def retire_dead(folder: Path) -> int:
    """Move the counts of ended processes into the file of the retired; returns how many files.

    The caller holds the folder's lock.
    """
    retired = 0
    for path in sorted(folder.glob("*.db")):
        kind, _, name = path.stem.partition("_")
        if name == _RETIRED or kind not in _KINDS or _lives(name):
            continue
        counts = list(MmapedDict.read_all_values_from_file(str(path)))
        target = folder / f"{kind}_{_RETIRED}.db"
        if not target.exists():
            _give_room(target)
        merged = MmapedDict(str(target))
        try:
            for key, value, _timestamp, _position in counts:
                merged.write_value(key, merged.read_value(key)[0] + value, 0.0)
        finally:
            merged.close()
        path.unlink()
        retired += 1
    return retired


def _give_room(path: Path) -> None:
    """Create a file of the full size whose every block exists; raises OSError when it cannot."""
    descriptor = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        os.posix_fallocate(descriptor, 0, _ROOM)
    except OSError:
        path.unlink()
        raise
    finally:
        os.close(descriptor)


def _remove_abandoned(parent: Path, *, keep: Path) -> None:
    """Remove the folders of containers that are gone: nobody holds their file `alive`."""
    for folder in parent.iterdir():
        if folder == keep or not (folder / "alive").is_file():
            continue
        with (folder / "alive").open("r") as alive:
            try:
                fcntl.flock(alive, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                continue
            shutil.rmtree(folder, ignore_errors=True)


def _lives(name: str) -> bool:
    """Whether the process `pid-start` still runs."""
    pid, _, start = name.partition("-")
    return pid.isdigit() and _started(int(pid)) == start


def _started(pid: int) -> str:
    """When a process started, in ticks of the kernel; "" for no such process."""
    try:
        status = Path(f"/proc/{pid}/stat").read_text(encoding="ascii", errors="replace")
    except OSError:
        return "" if Path("/proc/self/stat").exists() else _started_elsewhere(pid)
    # The name of the program stands in brackets and may hold anything.
    fields = status.rpartition(")")[2].split()
    return "" if fields[0] == "Z" else fields[19]


def _started_elsewhere(pid: int) -> str:
    """Where there is no /proc: alive or not is all that can be asked."""
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return ""
    except OSError:
        pass
    return "0"


def _namespace() -> str:
    try:
        return re.sub(r"\D", "", os.readlink("/proc/self/ns/pid")) or "0"
    except OSError:
        return "0"


processes = Processes()


def count_across_processes() -> None:
    """Have every metric that is made from now on count in files. Call it before the first one.

    No file is touched before something is counted: commands that count nothing leave no trace.
    """
    joined: list[bool] = []

    def who() -> str:
        # The library asks once while it is being set up; nobody counts yet.
        if not joined:
            joined.append(True)
            return "nobody"
        return processes.name()

    os.environ[_FOLDER_VARIABLE] = str(counts_folder())
    in_files = values.MultiProcessValue(who)

    def new_value(*arguments: Any, **options: Any) -> Any:
        try:
            return in_files(*arguments, **options)
        except OSError:
            return values.MutexValue(*arguments, **options)

    values.ValueClass = new_value
