"""`manage.py backup PATH`: one file with everything but the keys, taken while payments go on."""

from __future__ import annotations

import signal
import time
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from walletsite.backups.errors import BackupError
from walletsite.backups.services import rehearse_restore, take_backup

_PATTERN = "wallet-*.backup"
_DAY_SECONDS = 24 * 3600


class Command(BaseCommand):
    help = "Write a backup of the database to PATH, a new file or a folder. It holds no keys."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        parser.add_argument(
            "--keep", type=int, metavar="N", help="with a folder: keep the newest N backups in it"
        )

        parser.add_argument(
            "--drill", action="store_true", help="restore it beside the database, as a proof"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # What was begun is cleared away on SIGTERM as on Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        path: Path = options["path"]
        keep: int | None = options["keep"]
        if keep is not None and (keep < 1 or not path.is_dir()):
            raise CommandError("--keep takes a number above 0, and PATH must be a folder.")
        folder = path if path.is_dir() else None
        if folder:
            path = folder / f"wallet-{timezone.now():%Y%m%dT%H%M%SZ}.backup"
        try:
            manifest = take_backup(path=path)
        except BackupError as error:
            raise CommandError(str(error)) from error
        self.stdout.write(f"Backup of {manifest.taken_at} in {path}")
        self.stdout.write(f"entries {manifest.inventory.counts['entries']}")
        self.stdout.write(f"head {manifest.inventory.head}")
        self.stdout.write("Needed to restore it, and not in it: the keys of this installation.")
        if options["drill"]:
            self._rehearse(path)
        if folder and keep:
            self._remove_older(folder, keep)
        if manifest.inventory.problems:
            for problem in manifest.inventory.problems:
                self.stderr.write(problem)
            raise CommandError("The backup is complete, and the books in it are wrong.")

    def _rehearse(self, path: Path) -> None:
        """Before older ones go: a backup that cannot be restored replaces none."""
        try:
            rehearse_restore(path=path)
        except BackupError as error:
            raise CommandError(f"It is written and cannot be restored: {error}") from error
        self.stdout.write("The drill went well: it can be restored here.")

    def _remove_older(self, folder: Path, keep: int) -> None:
        # Their names are times: the order of names is the order of age.
        for old in sorted(folder.glob(_PATTERN), reverse=True)[keep:]:
            old.unlink()
            self.stdout.write(f"Removed {old}")
        # What a backup that was killed has left; one that runs now is younger.
        for part in folder.glob(f".{_PATTERN}.*.part"):
            if part.stat().st_mtime < time.time() - _DAY_SECONDS:
                part.unlink()
