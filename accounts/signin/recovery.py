"""A forgotten login password: phone, code to the phone, ID digits, new password.

Every number gets the same pages in the same time, and a message from the queue: a code, or the
news that no wallet is open with it. Only who holds the phone learns which.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.identity.selectors import assurance_level, id_digits_match
from accounts.phone import services as phone_services
from accounts.security.services import record_event
from accounts.security.throttle import hit
from accounts.security.tries import Ladder, TriesLocked, clear_tries, take_try
from accounts.signin.errors import RecoveryWrong, SignInExpired, SignInLocked
from accounts.signin.models import LoginRecovery
from accounts.signin.services import reset_login_password
from accounts.users.models import User

PURPOSE = "login_reset"
# The text for a number without a wallet; it carries no code.
UNKNOWN = "login_reset_unknown"
OPEN_SECONDS = 30 * 60
_SCOPE = "recovery_id"


def start_recovery(*, phone: str, session_key: str, address: str) -> LoginRecovery:
    """Open a walk for a number (E.164) and ask for a code to it.

    Raises `TooManyRequests` and what `accounts.phone` refuses with. Sends nothing itself.
    """
    hit(action="recover", address=address)
    recovery = LoginRecovery(
        phone=phone, expires_at=timezone.now() + timedelta(seconds=OPEN_SECONDS)
    )
    recovery.challenge_id = _ask_for_code(phone, session_key, address)
    recovery.save()
    return recovery


def prove_phone(*, recovery: LoginRecovery, code: str, session_key: str) -> None:
    """Check the code; one that belongs to a number without a wallet is never right."""
    if recovery.challenge_id is None:
        raise SignInExpired
    phone_services.verify_code(
        challenge_id=recovery.challenge_id, code=code, session_key=session_key
    )
    recovery.user = User.objects.filter(phone=recovery.phone, is_active=True).first()
    recovery.phone_proved_at = timezone.now()
    if recovery.user is not None and not needs_identity(recovery.user):
        recovery.identity_proved_at = timezone.now()
    recovery.save()


def needs_identity(user: User) -> bool:
    """Whether there is an ID number to ask for; wallets of class IV have the phone alone."""
    return assurance_level(user) != "phone"


def prove_identity(*, recovery: LoginRecovery, digits: str, address: str) -> None:
    """Compare the last six of the ID number; five wrong in a row pause it for the person."""
    user = recovery.user
    if user is None or recovery.phone_proved_at is None:
        raise SignInExpired
    ladder = Ladder(steps=settings.SIGN_IN["ladder"])
    try:
        take_try(scope=_SCOPE, subject=str(user.pk), ladder=ladder)
    except TriesLocked as locked:
        raise SignInLocked(locked.state) from None
    wanted = digits.strip().upper()
    if len(wanted) != 6 or not id_digits_match(user, wanted):
        record_event(user=user, kind="login_password.reset_refused", address=address)
        raise RecoveryWrong
    clear_tries(scope=_SCOPE, subject=str(user.pk))
    recovery.identity_proved_at = timezone.now()
    recovery.save(update_fields=["identity_proved_at"])


def finish_recovery(*, recovery: LoginRecovery, new: str, address: str) -> None:
    """Set the new password, once; signs every device out and ends a sign-in lock.

    Raises `SignInExpired` when a step was left out or the walk is over.
    """
    with transaction.atomic():
        used = LoginRecovery.objects.filter(
            pk=recovery.pk,
            used_at=None,
            expires_at__gt=timezone.now(),
            phone_proved_at__isnull=False,
            identity_proved_at__isnull=False,
            user__isnull=False,
        ).update(used_at=timezone.now())
        if used and recovery.user is not None:
            reset_login_password(user=recovery.user, new=new, address=address)
    if not used:
        raise SignInExpired


def _ask_for_code(phone: str, session_key: str, address: str) -> UUID:
    is_known = User.objects.filter(phone=phone, is_active=True).exists()
    challenge = phone_services.request_code(
        purpose=PURPOSE,
        phone=phone,
        session_key=session_key,
        address=address,
        message=PURPOSE if is_known else UNKNOWN,
    )
    return challenge.public_id
