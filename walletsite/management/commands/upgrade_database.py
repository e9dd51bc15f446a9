"""`manage.py upgrade_database`: bring the tables to this version while payments go on.

A migration that waits for a lock makes everybody behind it wait too. So it waits for a short time
only, gives up, lets the payments through, and tries again; and it may take as long as it needs
once it has the lock. One at a time: a second one waits for the first.
"""

from __future__ import annotations

import time
from argparse import ArgumentParser
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db import OperationalError, connection

from walletsite.installation import upgrade_database

# Any number, the same in every version.
_ONE_AT_A_TIME = 0x57414C4C4554
_LOCK_NOT_AVAILABLE = "55P03"


class Command(BaseCommand):
    help = "Migrate the database, its roles and its cache table; safe to run while payments go on."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--lock-seconds", type=float, default=2.0, metavar="S")
        parser.add_argument("--tries", type=int, default=30, metavar="N")

    def handle(self, *args: Any, **options: Any) -> None:
        tries: int = max(1, options["tries"])
        with _alone(options["lock_seconds"]):
            for number in range(1, tries + 1):
                try:
                    upgrade_database()
                    break
                except OperationalError as error:
                    if getattr(error.__cause__, "sqlstate", "") != _LOCK_NOT_AVAILABLE:
                        raise
                    self.stdout.write(f"Tables are in use; try {number} of {tries}")
                time.sleep(1)
            else:
                raise CommandError(
                    "The tables were in use all the time: nothing is half done, try again later."
                )
        self.stdout.write(self.style.SUCCESS("The database is up to date."))


@contextmanager
def _alone(lock_seconds: float) -> Iterator[None]:
    """On PostgreSQL: limits of this connection, and the lock that stops a second upgrade."""
    if connection.vendor != "postgresql":
        yield
        return
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
        cursor.execute("SET lock_timeout = 0")
        cursor.execute("SELECT pg_advisory_lock(%s)", [_ONE_AT_A_TIME])
        wait = f"{lock_seconds * 1000:.0f}ms"
        cursor.execute("SELECT set_config('lock_timeout', %s, false)", [wait])
    try:
        yield
    finally:
        # The lock and the limits belong to the connection.
        connection.close()
