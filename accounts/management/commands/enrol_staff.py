"""Give a member of staff a second factor: the only way, besides a colleague's, to get one."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from accounts.factors.selectors import get_authenticator
from accounts.factors.services import enrol_authenticator
from accounts.signin.names import canonical_name
from accounts.users.models import User


class Command(BaseCommand):
    """Prints the otpauth address once; there is no way to see it again."""

    help = "Set up the authenticator app of a member of staff and print its key once."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("phone", help="phone number the person signs in with")
        parser.add_argument(
            "--replace",
            action="store_true",
            help="replace an authenticator that is set up already (a lost phone)",
        )

    def handle(self, *args: Any, **options: Any) -> None:
        user = User.objects.filter(phone=canonical_name(options["phone"])).first()
        if user is None or not user.is_staff:
            raise CommandError("No member of staff signs in with this phone number.")
        if get_authenticator(user) is not None and not options["replace"]:
            raise CommandError("An authenticator is set up already; --replace makes a new one.")
        enrolment = enrol_authenticator(user=user)
        self.stdout.write("Scan or type this now; it is not shown again:")
        self.stdout.write(enrolment.uri)
        self.stdout.write(f"Key: {enrolment.secret}")
