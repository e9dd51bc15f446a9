"""A forgotten payment password: login password and ID digits, the second factor where one is on,
a code to the phone, a new one. The first one of somebody who has none is set the same way.

What is pending is a row bound to the person and this browser; a step cannot be left out.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.identity.selectors import find_identity, id_digits_match
from accounts.identity.trying import Source, clear_id_tries, take_id_try
from accounts.payment_password.errors import AnswersPaused, ResetRefused
from accounts.payment_password.models import PaymentPasswordReset
from accounts.payment_password.second_factor import check_second_factor, needs_second_factor
from accounts.payment_password.selectors import payment_password_state
from accounts.payment_password.services import (
    reset_payment_password,
    seal_new,
    store_sealed,
)
from accounts.phone.binding import session_hash
from accounts.phone.errors import CodeDead, CodeUsed
from accounts.phone.models import Challenge
from accounts.phone.services import request_code, verify_code
from accounts.phone.states import Asker
from accounts.security.models import UserSession
from accounts.security.services import hold_session, record_event
from accounts.security.tries import TriesLocked
from accounts.users.models import User
from accounts.users.services import lock_person

PURPOSE = "payment_password_reset"
OPEN_SECONDS = 15 * 60


def needs_id_digits(user: User) -> bool:
    """Whether there is an ID number to ask for; wallets of class IV have the phone alone."""
    return find_identity(user) is not None


def start_reset(
    *, user: User, login_password: str, id_digits: str, session_key: str, address: str
) -> PaymentPasswordReset:
    """Check login password and ID digits together and open a walk of 15 minutes.

    Five wrong in a row pause it; which of the two was wrong is not said. Call it outside any
    transaction. Raises `ResetRefused`, `AnswersPaused`.
    """
    try:
        take_id_try(user=user, source=Source.SIGNED_IN)
    except TriesLocked as locked:
        raise AnswersPaused(locked.state.locked_until) from None
    # Both are always looked at, so that time tells nothing either.
    is_password_right = user.check_password(login_password)
    is_id_right = not needs_id_digits(user) or (
        len(id_digits) == 6 and id_digits_match(user, id_digits)
    )
    if not (is_password_right and is_id_right):
        record_event(user=user, kind="payment_password.reset_refused", address=address)
        raise ResetRefused
    clear_id_tries(user=user, source=Source.SIGNED_IN)
    return PaymentPasswordReset.objects.create(
        user=user,
        session_hash=session_hash(session_key),
        expires_at=timezone.now() + timedelta(seconds=OPEN_SECONDS),
    )


def prove_factor(*, reset: PaymentPasswordReset, code: str, address: str) -> None:
    """Check the second factor; nothing is sent to the phone before. Call it outside any
    transaction. Raises what the factor refuses with."""
    check_second_factor(user=reset.user, code=code, address=address)
    note_factor(reset=reset)


def note_factor(*, reset: PaymentPasswordReset) -> None:
    """Write down that the second factor was right."""
    reset.factor_proved_at = timezone.now()
    reset.save(update_fields=["factor_proved_at"])


def lacks_factor(reset: PaymentPasswordReset) -> bool:
    """Whether the second factor is still to come; one that was switched on meanwhile counts."""
    return reset.factor_proved_at is None and needs_second_factor(reset.user)


def send_reset_code(*, reset: PaymentPasswordReset, session_key: str, address: str) -> Challenge:
    """Ask for the code to the person's own number."""
    challenge = request_code(
        purpose=PURPOSE,
        phone=str(reset.user.phone),
        session_key=session_key,
        address=address,
        asker=Asker.OWN,
        user=reset.user,
        bound_to=str(reset.public_id),
    )
    reset.challenge_id = challenge.public_id
    reset.save(update_fields=["challenge_id"])
    return challenge


def prove_phone(*, reset: PaymentPasswordReset, code: str, session_key: str) -> None:
    """Check the code; raises what `accounts.phone` raises."""
    if reset.challenge_id is None:
        raise CodeDead
    # Used, yet right: the form was sent twice, and the first one has proved it.
    with suppress(CodeUsed):
        verify_code(challenge_id=reset.challenge_id, code=code, session_key=session_key)
    reset.phone_proved_at = timezone.now()
    reset.save(update_fields=["phone_proved_at"])


def finish_reset(
    *, reset: PaymentPasswordReset, new: str, session: UserSession | None = None
) -> None:
    """Set the new one, once; every lock ends. Raises `PaymentPasswordWeak`, `ResetRefused` when a
    step was left out or the walk is over, also by another reset, and `BrowserSignedOut`."""
    if lacks_factor(reset) or not _is_ready(reset).exists():
        raise ResetRefused
    # The slow part first: nobody waits for it under the lock.
    sealed = seal_new(user=reset.user, raw=new)
    with transaction.atomic():
        # The person first: what else would set one waits, and ends this walk when it was earlier.
        person = lock_person(reset.user_id)
        if lacks_factor(reset) or not _is_ready(reset).update(used_at=timezone.now()):
            raise ResetRefused
        if payment_password_state(person).is_set:
            reset_payment_password(user=person, sealed=sealed, session=session)
        else:
            hold_session(session=session)
            store_sealed(user=person, sealed=sealed)


def _is_ready(reset: PaymentPasswordReset) -> QuerySet[PaymentPasswordReset]:
    """The walk, if nothing is left but the new password."""
    return PaymentPasswordReset.objects.filter(
        pk=reset.pk,
        used_at=None,
        phone_proved_at__isnull=False,
        expires_at__gt=timezone.now(),
    )
