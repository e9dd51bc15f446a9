"""`manage.py restore PATH`: bring a backup back, and prove that it is what was backed up."""

from __future__ import annotations

import signal
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from walletsite.backups.errors import BackupError
from walletsite.backups.services import rehearse_restore, replace_with_backup, restore_backup


class Command(BaseCommand):
    help = "Restore the backup PATH into this installation. Exit code 1 when anything is wrong."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("path", type=Path)
        way = parser.add_mutually_exclusive_group()
        way.add_argument(
            "--replace", action="store_true", help="also where there are people and payments"
        )
        way.add_argument(
            "--drill", action="store_true", help="restore beside the database, prove, throw away"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        # What was begun is cleared away on SIGTERM as on Ctrl-C.
        signal.signal(signal.SIGTERM, signal.default_int_handler)
        act = restore_backup
        if options["replace"]:
            act = replace_with_backup
        elif options["drill"]:
            act = rehearse_restore
        try:
            manifest = act(path=options["path"])
        except BackupError as error:
            raise CommandError(str(error)) from error
        inventory = manifest.inventory
        self.stdout.write(f"Backup of {manifest.taken_at}, version {manifest.version}")
        for name, total in sorted(inventory.balances_minor.items()):
            self.stdout.write(f"balances {name} {total} minor units")
        self.stdout.write(f"head {inventory.head}")
        for problem in inventory.problems:
            self.stderr.write(f"wrong already when the backup was taken: {problem}")
        self.stdout.write(
            self.style.SUCCESS(
                "The drill went well: this backup can be restored here."
                if options["drill"]
                else "Restored: books, balances and rows are those of the backup. Everybody signs "
                "in again."
            )
        )
