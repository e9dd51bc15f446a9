"""`manage.py sandbox_bank_files`: one day at a bank that speaks files, for trying things out."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from payments.banking.rails.iso20022.texts import parse_amount
from payments.banking.rails.sandbox_files import FAULTS, run_bank


class Command(BaseCommand):
    help = "Answer the files in the folder to the bank, and close the day with a statement."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument(
            "--fault",
            action="append",
            default=[],
            choices=sorted(FAULTS),
            help="; ".join(f"{name}: {said}" for name, said in sorted(FAULTS.items())),
        )
        parser.add_argument(
            "--opening", default="0.00", help="the balance before the very first statement"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        if not (settings.EMBEDDED or settings.TRIAL or settings.DEMO_MODE):
            raise CommandError("The sandbox bank does not work where the money is real.")
        try:
            opening_minor = parse_amount(options["opening"])
        except ValueError as error:
            raise CommandError(f"--opening: {error}.") from error
        for path in run_bank(faults=options["fault"], opening_minor=opening_minor):
            self.stdout.write(str(path))
