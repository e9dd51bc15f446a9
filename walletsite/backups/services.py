"""Taking a backup and bringing one back, whichever database stands behind."""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from zipfile import ZipFile

from django.db import DatabaseError, connection
from django.utils import timezone

from accounts.audit.heads import set_head_aside
from walletsite.backups import postgresql, sqlite
from walletsite.backups.archive import new_file, opened, write_manifest
from walletsite.backups.errors import BackupError
from walletsite.backups.manifest import Manifest, new_manifest

_ENGINES = {engine.KIND: engine for engine in (postgresql, sqlite)}


def take_backup(*, path: Path) -> Manifest:
    """Write a backup to `path`, whole or not at all, while payments go on. Raises BackupError."""
    engine = _engine()
    with _told_simply(), new_file(path) as file:
        now = timezone.now()
        with ZipFile(file, "w") as archive:
            payload, inventory = engine.copy_into(archive)
            manifest = new_manifest(
                database=engine.KIND, payload=payload, inventory=inventory, now=now
            )
            write_manifest(archive, manifest)
    return manifest


def restore_backup(*, path: Path) -> Manifest:
    """Bring a backup back into an installation that nobody uses yet. Raises BackupError."""
    return _restore(path, may_replace=False)


def replace_with_backup(*, path: Path) -> Manifest:
    """Bring a backup back in the place of what is there. Raises BackupError."""
    return _restore(path, may_replace=True)


def rehearse_restore(*, path: Path) -> Manifest:
    """Restore beside the database, prove it, and throw it away. Raises BackupError."""
    engine = _engine()
    with _told_simply(), opened(path) as (archive, manifest):
        manifest.refuse_unfit(engine.KIND)
        with archive.open(manifest.payload.name) as copy:
            engine.drill(copy, manifest.inventory)
    return manifest


def _restore(path: Path, *, may_replace: bool) -> Manifest:
    engine = _engine()
    with _told_simply(), opened(path) as (archive, manifest):
        manifest.refuse_unfit(engine.KIND)
        with archive.open(manifest.payload.name) as copy:
            engine.restore_from(copy, manifest.inventory, may_replace=may_replace)
    # It speaks of a log that is no longer here.
    set_head_aside()
    return manifest


@contextmanager
def _told_simply() -> Iterator[None]:
    """A disk that is full or a database that is away: one sentence, as for everything else."""
    try:
        yield
    except (DatabaseError, sqlite3.Error, OSError) as error:
        first = (str(error).splitlines() or [type(error).__name__])[0]
        raise BackupError(f"It could not be done: {first}.") from error


def _engine() -> ModuleType:
    if connection.vendor not in _ENGINES:
        raise BackupError(f"No way to back up {connection.vendor} is known.")
    return _ENGINES[connection.vendor]
