"""`manage.py export_audit`: the audit log as JSON lines, for keeping elsewhere."""

from __future__ import annotations

from argparse import ArgumentParser
from datetime import datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from accounts.audit.files import export_audit
from accounts.audit.services import seal_audit


class Command(BaseCommand):
    help = "Write the audit log to standard output; `verify_audit --file` proves what was written."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--since", type=_moment, metavar="DATE", help="first day (2026-01-31)")
        parser.add_argument("--until", type=_moment, metavar="DATE", help="first day after it")

    def handle(self, *args: Any, **options: Any) -> None:
        while seal_audit():
            continue
        for line in export_audit(since=options["since"], until=options["until"], by=None):
            self.stdout.write(line, ending="")


def _moment(text: str) -> datetime:
    try:
        return timezone.make_aware(datetime.fromisoformat(text))
    except ValueError:
        raise CommandError(f"{text} is no date: write it as 2026-01-31.") from None
