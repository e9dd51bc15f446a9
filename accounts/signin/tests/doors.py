"""Ways through the door for tests, in the real steps a person takes."""

from __future__ import annotations

import time
from base64 import b32decode
from typing import Any

from django.test import Client
from django_otp.oath import hotp

from accounts.factors.models import Authenticator
from accounts.factors.services import enrol_authenticator
from accounts.users.models import User

PASSWORD = "correct horse 9 battery"
_TOO_LATE_SECONDS = 4


def make_person(phone: str = "+8613800136027", **fields: Any) -> User:
    """A person with the usual test password."""
    return User.objects.create_user(phone=phone, password=PASSWORD, **fields)


def app_code(secret: str, steps: int = 0) -> str:
    """What an authenticator app shows now, or some steps away; never one that is about to turn,
    as a person waits for the next one, too."""
    left = 30 - time.time() % 30
    if left < _TOO_LATE_SECONDS:
        time.sleep(left)
    padded = secret + "=" * (-len(secret) % 8)
    return f"{hotp(b32decode(padded), int(time.time()) // 30 + steps):06d}"


def try_password(client: Client, user: User | str, password: str = PASSWORD, **extra: Any) -> Any:
    """Post the sign-in form."""
    phone = user if isinstance(user, str) else str(user.phone)
    return client.post("/sign-in/", {"phone": phone, "password": password}, **extra)


def sign_in_staff(client: Client, user: User) -> None:
    """Sign a member of staff in with password-free, but complete, second factor."""
    enrol_authenticator(user=user)
    client.force_login(user)
    session = client.session
    session["otp_device_id"] = Authenticator.objects.get(user=user).persistent_id
    session.save()


def give_fresh_proof(client: Client, password: str = PASSWORD) -> Any:
    """Pass the step-up page (for people without two-step sign-in)."""
    return client.post("/step-up/", {"password": password, "next": "/security/"})
