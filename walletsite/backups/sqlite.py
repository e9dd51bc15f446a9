"""Copies by SQLite's online backup: consistent while payments run, by whoever holds the file open.

https://www.sqlite.org/backup.html
"""

from __future__ import annotations

import fcntl
import os
import sqlite3
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from django.conf import settings
from django.db import connection

from walletsite.backups.archive import chunks, payload_writer
from walletsite.backups.errors import BackupError
from walletsite.backups.inventory import LEFT_OUT, Inventory, is_unused, pointed_at, take_inventory
from walletsite.backups.manifest import Payload
from walletsite.backups.proof import prove

KIND = "sqlite"
_NAME = "wallet.sqlite3"
_BUSY_SECONDS = 60.0


def copy_into(archive: ZipFile) -> tuple[Payload, Inventory]:
    """Write a copy of the database; the inventory is taken of that very copy."""
    with _scratch("copy") as copy:
        with closing(sqlite3.connect(_live(), timeout=_BUSY_SECONDS)) as source:
            _online_copy(source, copy)
        _leave_out(copy)
        with pointed_at(copy):
            inventory = take_inventory()
        _settle(copy)
        with payload_writer(archive, _NAME, is_compressed=False) as out, copy.open("rb") as file:
            for chunk in chunks(file):
                out.write(chunk)
        return out.payload(_NAME), inventory


def restore_from(copy: IO[bytes], wanted: Inventory, *, may_replace: bool) -> Inventory:
    """Put the copy in the place of the database, once it is proven. Raises BackupError."""
    with _nobody_serves(), _scratch("restore") as scratch:
        _refuse_used(may_replace=may_replace)
        found = _unpack_and_prove(copy, scratch, wanted)
        connection.close()
        if _live().exists():
            # In one transaction of the old file: a crash leaves either all of it or none of it.
            with closing(sqlite3.connect(scratch)) as source:
                _online_copy(source, _live())
        else:
            os.rename(scratch, _live())
    return found


def drill(copy: IO[bytes], wanted: Inventory) -> Inventory:
    """Restore into a file that is removed afterwards."""
    with _scratch("drill") as scratch:
        return _unpack_and_prove(copy, scratch, wanted)


def _unpack_and_prove(copy: IO[bytes], scratch: Path, wanted: Inventory) -> Inventory:
    with scratch.open("wb") as file:
        for chunk in chunks(copy):
            file.write(chunk)
        file.flush()
        os.fsync(file.fileno())
    with pointed_at(scratch):
        found = prove(wanted)
    _settle(scratch)
    return found


def _live() -> Path:
    return Path(str(connection.settings_dict["NAME"]))


@contextmanager
def _scratch(purpose: str) -> Iterator[Path]:
    """A file beside the database, on the same volume, for its owner alone, removed at the end."""
    folder = _live().parent
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    path = folder / f"{_live().name}.{purpose}-{os.getpid()}"
    os.close(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600))
    try:
        yield path
    finally:
        for each in (path, *(path.with_name(path.name + end) for end in ("-wal", "-shm"))):
            each.unlink(missing_ok=True)


def _online_copy(source: sqlite3.Connection, target: Path) -> None:
    with closing(sqlite3.connect(target, timeout=_BUSY_SECONDS)) as into:
        source.backup(into)


def _leave_out(copy: Path) -> None:
    """Sessions and cached things go, and what they leave in free pages goes with them."""
    with closing(sqlite3.connect(copy, isolation_level=None)) as database:
        names = {row[0] for row in database.execute("SELECT name FROM sqlite_master")}
        for table in names.intersection(LEFT_OUT):
            # Only names of our own list get here.
            database.execute(f"DELETE FROM {table}")  # noqa: S608  # nosec B608
        database.execute("VACUUM")


def _settle(path: Path) -> None:
    """Everything into the one file: no log beside it."""
    with closing(sqlite3.connect(path, isolation_level=None)) as database:
        database.execute("PRAGMA journal_mode=DELETE")


def _refuse_used(*, may_replace: bool) -> None:
    if not may_replace and _live().exists() and not is_unused():
        raise BackupError(
            "There are people or payments in this database. --replace puts the backup in its "
            "place; take a backup of what is there first."
        )


@contextmanager
def _nobody_serves() -> Iterator[None]:
    """Holds the lock of `serve` while the file is exchanged."""
    settings.VAR_DIR.mkdir(parents=True, exist_ok=True)
    with (settings.VAR_DIR / "serve.lock").open("a+") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            raise BackupError(
                "The wallet is running on this data folder: stop it first, or what is paid "
                "meanwhile would be lost."
            ) from None
        yield
