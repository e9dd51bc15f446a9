"""Reading how far somebody has come."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils import timezone

from accounts.identity.selectors import mask_id_number
from accounts.identity.vault import decrypt
from accounts.payment_password.hashing import has_key, key_id
from accounts.phone.binding import session_hash
from accounts.signup.models import Application

PERSON, PHONE, PASSWORDS, CODE = "person", "phone", "passwords", "code"


@dataclass(frozen=True)
class Answers:
    """What was answered so far, in clear: for forms and checks, never for a log."""

    kind: str = Application.Kind.IDENTITY
    name: str = ""
    id_number: str = ""
    phone: str = ""

    @property
    def masked_id_number(self) -> str:
        """For the last page, where somebody may look over the shoulder."""
        return mask_id_number(self.id_number) if self.id_number else ""

    def __repr__(self) -> str:
        return "<Answers>"


def find_application(session_key: str | None) -> Application | None:
    """The open application of this browser session, unless its day is over."""
    if not session_key:
        return None
    return Application.objects.filter(
        session_hash=session_hash(session_key), expires_at__gt=timezone.now()
    ).first()


def read_answers(application: Application | None) -> Answers:
    """The answers of an application; empty ones when there is none."""
    if application is None or not application.phone_encrypted:
        return Answers()
    return Answers(
        kind=application.kind,
        name=decrypt(application.name_encrypted) if application.name_encrypted else "",
        id_number=decrypt(application.id_number_encrypted)
        if application.id_number_encrypted
        else "",
        phone=decrypt(application.phone_encrypted),
    )


def next_step(application: Application | None) -> str:
    """The first step that is not done."""
    if application is None or not application.phone_encrypted:
        return PERSON
    return CODE if has_passwords(application) else PASSWORDS


def person_step(application: Application | None) -> str:
    """Which form of the first step this application came through."""
    is_phone = application is not None and application.kind == Application.Kind.PHONE
    return PHONE if is_phone else PERSON


def has_passwords(application: Application) -> bool:
    """Whether both passwords are set. One whose key was dropped counts as none: it is asked for
    again, rather than given to somebody who could never pay with it."""
    return bool(
        application.login_password
        and application.payment_password_hash
        and has_key(application.payment_password_key_id)
    )


def count_under_older_keys() -> int:
    """Open applications whose payment password lies under an older key of the list; each is over,
    or a wallet, within a day."""
    older = [key_id(key) for key in settings.PAYMENT_PASSWORD_KEYS[1:] if key]
    waiting = Application.objects.filter(finished_at=None, expires_at__gt=timezone.now())
    return waiting.filter(payment_password_key_id__in=older).count()
