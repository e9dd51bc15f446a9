"""Write everything encrypted anew under the newest key; docs/how-to/rotate-keys.md."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError

from accounts.identity.checking import forget_subjects
from accounts.identity.rotation import Count, count_old, list_encrypted, renew
from accounts.payment_password.selectors import count_under_older_keys
from accounts.signup.selectors import count_under_older_keys as count_applications


class Command(BaseCommand):
    """May run while the site runs, be stopped at any moment, and be run again."""

    help = "Encrypt every encrypted column anew under the newest key of WALLET_FIELD_KEYS."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument(
            "--check",
            action="store_true",
            help="change nothing; end with 1 while anything still needs an older key",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        look = count_old if options["check"] else renew
        left = 0
        for column in list_encrypted():
            found = look(column)
            left += found.old + len(found.stuck)
            self._say(str(column), found)
        if settings.OLD_INDEX_KEYS and not options["check"]:
            blanked = forget_subjects(all_of_them=True)
            self.stdout.write(f"Identity checks: {blanked} no longer say whom they were about.")
        waiting = self._say_the_rest()
        if options["check"]:
            left += waiting
        if left:
            raise CommandError(f"{left} rows still need an older key. Do not drop it.")
        self.stdout.write("No encrypted column and no blind index needs an older key.")

    def _say(self, name: str, found: Count) -> None:
        self.stdout.write(
            f"{name}: {found.rows} rows, {found.renewed} written anew, {found.old} to do"
        )
        for pk, why in found.stuck:
            self.stderr.write(f"{name} {pk}: {why}")

    def _say_the_rest(self) -> int:
        """What no command can write anew, because it takes the person who knows the secret; how
        many people's payment passwords that are."""
        remaining, opening = count_under_older_keys(), count_applications()
        self.stdout.write(
            f"Payment passwords under an older key: {remaining.current} in use, "
            f"{opening} of wallets being opened, {remaining.used_before} used before."
        )
        if remaining.current > remaining.lost:
            self.stdout.write("Each turns over when its owner next pays. Keep that key until then.")
        if remaining.lost:
            self.stdout.write(
                f"The key of {remaining.lost} of them is in no list: they cannot pay until they "
                "set a new one. If that key lies in the safe, put it back, last in the list."
            )
        if opening:
            self.stdout.write("Wallets being opened are opened, or forgotten, within a day.")
        if remaining.used_before:
            self.stdout.write(
                "Those used before may go with their key: they are only refused when they are "
                "chosen again."
            )
        if settings.OLD_INDEX_KEYS:
            self.stdout.write(
                "Recovery codes, freeze codes and receipts on paper that were made under an older "
                "index key go on working for as long as WALLET_INDEX_KEY names it."
            )
        return remaining.current + opening
