"""`manage.py verify_audit`: prove the audit log, or name what is wrong."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.audit.files import verify_lines
from accounts.audit.heads import set_head_aside
from accounts.audit.services import verify_and_seal


class Command(BaseCommand):
    help = "Recompute the audit log's chain and compare it with what it seals. Exit code 1 if not."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--head", default="", metavar="NUMBER:DIGEST", help="a head that was kept elsewhere"
        )
        parser.add_argument("--file", type=Path, help="prove an exported file instead")
        parser.add_argument(
            "--set-head-aside",
            action="store_true",
            help="first forget the head that was kept here: after an older backup was brought back",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        if path is not None:
            with path.open(encoding="utf-8") as lines:
                report = verify_lines(lines, expected_head=options["head"])
        else:
            if options["set_head_aside"] and (aside := set_head_aside()):
                self.stdout.write(f"The kept head lies now in {aside.name}.")
            report = verify_and_seal(expected_head=options["head"])
        self.stdout.write(f"records {report.records}")
        self.stdout.write(f"head {report.head}")
        for note in report.notes:
            self.stdout.write(self.style.WARNING(note))
        if not report.ok:
            for problem in report.problems:
                self.stderr.write(problem)
            raise CommandError(f"The audit log is wrong: {len(report.problems)} problem(s).")
        self.stdout.write(self.style.SUCCESS("The audit log is right."))
