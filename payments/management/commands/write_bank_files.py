"""`manage.py write_bank_files`: put the files that are due into the folder for the bank."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.banking.rails.iso20022.texts import amount_text
from payments.banking.reconciliation.services import write_due_files


class Command(BaseCommand):
    help = "Write pain.001 files for the orders that wait; again is harmless."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", action="store_true", help="also files that are not due yet")

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            written = write_due_files(wait_seconds=0 if options["now"] else None)
        except OSError as error:
            raise CommandError(f"The folder cannot be written: {error.strerror}.") from error
        for file in written:
            self.stdout.write(
                f"{file.name}  orders {file.row_count}  sum {amount_text(file.total_minor)}"
            )
        self.stdout.write(f"{len(written)} file(s) written.")
