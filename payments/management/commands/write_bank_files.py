"""`manage.py write_bank_files`: put the files that are due into the folder for the bank."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.banking.rails.iso20022.texts import amount_text
from payments.banking.reconciliation.services import place_again, write_due_files


class Command(BaseCommand):
    help = "Write pain.001 files for the orders that wait; again is harmless."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--now", action="store_true", help="also files that are not due yet")
        parser.add_argument(
            "--again", metavar="MSGID", help="put this file, which the bank lost, there once more"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        try:
            if options["again"]:
                self._place_again(options["again"])
                return
            written = write_due_files(wait_seconds=0 if options["now"] else None)
        except OSError as error:
            raise CommandError(f"The folder cannot be written: {error.strerror}.") from error
        for file in written:
            self.stdout.write(
                f"{file.name}  orders {file.row_count}  sum {amount_text(file.total_minor)}"
            )
        self.stdout.write(f"{len(written)} file(s) written.")

    def _place_again(self, message_id: str) -> None:
        file = place_again(message_id=message_id)
        if file is None:
            raise CommandError(f"There is no file {message_id}.")
        self.stdout.write(f"{file.name}  the same file again")
