"""Write everything encrypted anew under the newest key; docs/how-to/rotate-keys.md."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.identity.rotation import Count, count_old, list_encrypted, renew
from accounts.payment_password.selectors import count_under_older_keys


class Command(BaseCommand):
    """May run while the site runs, be stopped at any moment, and be run again."""

    help = "Encrypt every encrypted column anew under the newest key of WALLET_FIELD_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; end with 1 while any row still needs an older key",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        look = count_old if options["check"] else renew
        left = 0
        for column in list_encrypted():
            found = look(column)
            left += found.old + len(found.stuck)
            self._say(str(column), found)
        self._say_the_rest()
        if left:
            raise CommandError(f"{left} rows still need an older key. Do not drop it.")
        self.stdout.write("No encrypted column and no blind index needs an older key.")

    def _say(self, name: str, found: Count) -> None:
        self.stdout.write(
            f"{name}: {found.rows} rows, {found.renewed} written anew, {found.old} to do"
        )
        for pk, why in found.stuck:
            self.stderr.write(f"{name} {pk}: {why}")

    def _say_the_rest(self) -> None:
        """What no command can write anew, because it takes the person who knows the secret."""
        remaining = count_under_older_keys()
        self.stdout.write(
            f"Payment passwords under an older key: {remaining.current} in use, "
            f"{remaining.used_before} used before."
        )
        if remaining.current:
            self.stdout.write("Each turns over when its owner next pays. Keep that key until then.")
        if settings.OLD_INDEX_KEYS:
            self.stdout.write(
                "Recovery codes, freeze codes and receipts on paper that were made under an older "
                "index key go on working for as long as WALLET_INDEX_KEY names it."
            )
