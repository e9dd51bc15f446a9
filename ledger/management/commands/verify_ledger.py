"""`manage.py verify_ledger`: prove the books, or name what is wrong."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandError

from ledger.services import note_verification, verify_ledger


class Command(BaseCommand):
    help = "Recompute the whole ledger and compare. Exit code 1 when anything is wrong."

    def handle(self, *args: Any, **options: Any) -> None:
        report = verify_ledger()
        self.stdout.write(
            f"accounts {report.accounts}  entries {report.entries}  postings {report.postings}  "
            f"holds {report.holds}  blocks {report.blocks} (sealed up to entry "
            f"{report.sealed_up_to})"
        )
        for currency, total in sorted(report.totals_minor.items()):
            self.stdout.write(f"moved {currency} {total} minor units, debits equal to credits")
        self.stdout.write(f"head {report.head}")
        note_verification(report=report)
        if not report.ok:
            for problem in report.problems:
                self.stderr.write(problem)
            raise CommandError(f"The books are wrong: {len(report.problems)} problem(s).")
        self.stdout.write(self.style.SUCCESS("The books are right."))
