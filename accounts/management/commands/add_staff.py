"""Let a member of staff in: a user with a role; the second factor comes by `enrol_staff`.

Whoever can run this decides alone: it is how a new installation gets the first two of everybody.
"""

from __future__ import annotations

from argparse import ArgumentParser
from getpass import getpass
from typing import Any

from django.contrib.auth.models import Group
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError

from accounts.security.services import record_event
from accounts.signin.names import canonical_name
from accounts.support.roles import ADMINISTRATOR, ROLES, sync_roles
from accounts.users.models import User


class Command(BaseCommand):
    """Asks for the login password on the terminal: it is in no argument and no shell history."""

    help = "Add a member of staff with one role; then run enrol_staff for the second factor."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("phone", help="phone number the person signs in with")
        parser.add_argument("--role", required=True, choices=[*ROLES, ADMINISTRATOR])

    def handle(self, *args: Any, **options: Any) -> None:
        phone = canonical_name(options["phone"])
        if not phone or User.objects.filter(phone=phone).exists():
            raise CommandError("This is no phone number, or somebody signs in with it already.")
        password = getpass("Login password: ")
        try:
            validate_password(password, User(phone=phone))
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from None
        if getpass("Again: ") != password:
            raise CommandError("The two entries differ.")
        sync_roles()
        if options["role"] == ADMINISTRATOR:
            user = User.objects.create_superuser(phone, password)
        else:
            user = User.objects.create_user(phone=phone, password=password, is_staff=True)
            user.groups.add(Group.objects.get(name=options["role"]))
        record_event(user=user, kind="staff.added", details={"role": options["role"]})
        self.stdout.write(f"Added. Now: manage.py enrol_staff {phone}")
