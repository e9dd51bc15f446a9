"""`manage.py import_bank_file PATH...`: take in what the bank has sent."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.banking.reconciliation.folders import NotReadable
from payments.banking.reconciliation.services import import_bank_file
from payments.banking.reconciliation.tasks import sweep_folder


class Command(BaseCommand):
    help = (
        "Import pain.002, camt.053 and camt.054 files; again is harmless. Without a path: every "
        "file in the folder from the bank. Exit code 1 when one was refused."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", type=Path, metavar="PATH")

    def handle(self, *args: Any, **options: Any) -> None:
        if not options["paths"]:
            self.stdout.write(f"{sweep_folder()} file(s) taken in from the folder.")
            return
        refused = [path for path in options["paths"] if not self._take(path)]
        if refused:
            raise CommandError(f"{len(refused)} file(s) refused; the cases in the admin say why.")

    def _take(self, path: Path) -> bool:
        try:
            result = import_bank_file(path=path)
        except NotReadable as error:
            self.stderr.write(f"{path}: {error}")
            return False
        file = result.file
        said = f"{path.name}: {file.state}" + ("" if result.is_new else " (taken in before)")
        if result.is_refused:
            self.stderr.write(f"{said}: {file.fault} {file.fault_place}".rstrip())
            return False
        self.stdout.write(f"{said}, {file.kind}, rows {file.row_count}")
        return True
