"""A forgotten login password: phone, code to the phone, ID digits, new password.

A code proves that somebody holds the phone today, not whose wallet it is: numbers are swapped and
given to other people. So something that the phone alone does not give is always asked for: the ID
digits, or, where there are none, the payment password; in the day after a change of phone both
(docs/how-to/change-of-phone.md).

Every number gets the same pages in the same time, and a message from the queue: a code, or the
news that no wallet is open with it. Only who holds the phone learns which.
"""

from __future__ import annotations

from datetime import timedelta
from uuid import UUID

from django.contrib.auth.hashers import make_password
from django.utils import timezone

from accounts.caution.selectors import new_phone_until
from accounts.identity.selectors import assurance_level, id_digits_match
from accounts.identity.trying import Source, clear_id_tries, take_id_try
from accounts.payment_password.selectors import payment_password_state
from accounts.payment_password.services import check_payment_password
from accounts.phone import services as phone_services
from accounts.phone.states import Asker
from accounts.security.retries import in_one_transaction
from accounts.security.services import record_event
from accounts.security.throttle import hit
from accounts.security.tries import TriesLocked
from accounts.signin.errors import RecoveryPaused, RecoveryWrong, SignInExpired
from accounts.signin.models import LoginRecovery
from accounts.signin.selectors import is_same_person
from accounts.signin.services import reset_login_password
from accounts.users.models import User
from accounts.users.services import lock_person

PURPOSE = "login_reset"
# The text for a number without a wallet; it carries no code.
UNKNOWN = "login_reset_unknown"
OPEN_SECONDS = 30 * 60


def start_recovery(*, phone: str, session_key: str, address: str, asker: Asker) -> LoginRecovery:
    """Open a walk for a number (E.164) and ask for a code to it.

    Raises `TooManyRequests` and what `accounts.phone` refuses with. Sends nothing itself.
    """
    hit(action="recover", address=address)
    recovery = LoginRecovery(
        phone=phone, expires_at=timezone.now() + timedelta(seconds=OPEN_SECONDS)
    )
    recovery.challenge_id = _ask_for_code(phone, session_key, address, asker)
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
    person = recovery.user
    recovery.auth_hash = person.get_session_auth_hash() if person is not None else ""
    if person is not None and not (needs_identity(person) or needs_payment_password(person)):
        recovery.identity_proved_at = timezone.now()
    recovery.save(update_fields=["user", "auth_hash", "phone_proved_at", "identity_proved_at"])


def needs_identity(user: User) -> bool:
    """Whether there is an ID number to ask for; wallets of class IV have none."""
    return assurance_level(user) != "phone"


def needs_payment_password(user: User) -> bool:
    """Whether the payment password is asked for: of people without an ID number, and of everybody
    while the number is new."""
    if not payment_password_state(user).is_set:
        return False
    return not needs_identity(user) or new_phone_until(user) is not None


def prove_identity(
    *, recovery: LoginRecovery, digits: str, address: str, payment_password: str = ""
) -> None:
    """Compare the last six of the ID number, the payment password, or both, as the person's case
    asks; five wrong in a row pause it for the person.

    Call it outside any transaction. Raises `RecoveryWrong`, `RecoveryPaused`, `TooManyRequests` for
    the fourth payment password of a day, and what that is refused with.
    """
    user = recovery.user
    if user is None or recovery.phone_proved_at is None:
        raise SignInExpired
    # What is asked of them now; at the end it is asked again whether that is still enough.
    recovery.has_digits = needs_identity(user)
    recovery.has_payment_password = needs_payment_password(user)
    check_person(user=user, digits=digits, payment_password=payment_password, address=address)
    recovery.identity_proved_at = timezone.now()
    recovery.save(update_fields=["identity_proved_at", "has_digits", "has_payment_password"])


def check_person(
    *,
    user: User,
    digits: str,
    payment_password: str,
    address: str,
    refused: str = "login_password.reset_refused",
) -> None:
    """What the holder of the phone alone does not know, on the counts of everybody who has shown
    the phone; whoever of whom nothing is asked passes. `refused` is the event of wrong digits.

    Call it outside any transaction. Raises as `prove_identity`.
    """
    if needs_identity(user):
        _compare_digits(user, digits, address, refused)
    if needs_payment_password(user):
        # Slowly: whoever has the phone alone must not lock the owner's payments.
        hit(action="recover.payment_password", person=str(user.public_id))
        check_payment_password(user=user, raw=payment_password)


def _compare_digits(user: User, digits: str, address: str, refused: str) -> None:
    try:
        take_id_try(user=user, source=Source.PHONE)
    except TriesLocked as locked:
        raise RecoveryPaused(locked.state.locked_until) from None
    wanted = digits.strip().upper()
    if len(wanted) != 6 or not id_digits_match(user, wanted):
        record_event(user=user, kind=refused, address=address)
        raise RecoveryWrong
    clear_id_tries(user=user, source=Source.PHONE)


def finish_recovery(*, recovery: LoginRecovery, new: str, address: str) -> None:
    """Set the new password, once; signs every device out and ends a sign-in lock.

    Raises `SignInExpired` when a step was left out, the walk is over, or the person has another
    number or password by now, or would be asked for more. Call it outside any transaction.
    """
    # Slow, so not under the lock.
    hashed = make_password(new)
    if not in_one_transaction(lambda: _finish(recovery, hashed, address)):
        raise SignInExpired


def _finish(recovery: LoginRecovery, hashed: str, address: str) -> bool:
    if recovery.user_id is None:
        return False
    # Under the lock of the person, whom everything that would end this walk locks as well.
    person = lock_person(recovery.user_id)
    used = LoginRecovery.objects.filter(
        pk=recovery.pk,
        used_at=None,
        expires_at__gt=timezone.now(),
        phone_proved_at__isnull=False,
        identity_proved_at__isnull=False,
    ).update(used_at=timezone.now())
    if not used or not is_same_person(recovery, person) or _lacks(recovery, person):
        return False
    reset_login_password(user=person, hashed=hashed, address=address)
    return True


def _lacks(recovery: LoginRecovery, person: User) -> bool:
    """Whether more is asked for now than was given."""
    return (needs_identity(person) and not recovery.has_digits) or (
        needs_payment_password(person) and not recovery.has_payment_password
    )


def _ask_for_code(phone: str, session_key: str, address: str, asker: Asker) -> UUID:
    is_known = User.objects.filter(phone=phone, is_active=True).exists()
    challenge = phone_services.request_code(
        purpose=PURPOSE,
        phone=phone,
        session_key=session_key,
        address=address,
        asker=asker,
        message=PURPOSE if is_known else UNKNOWN,
    )
    return challenge.public_id
