"""From one number to another.

With the old phone: a code to each of the two. Without it: payment password and ID digits, a code to
the new one; and where no second factor was shown, a day of waiting in which whoever has the old
phone can stop it. Every caller has asked for fresh proof (login password, second factor if on).
Source: specs/security, section 3 (step-up); NIST SP 800-63B-4, 4.2 (account recovery).
"""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import suppress
from datetime import timedelta
from typing import Any

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.caution.services import begin_caution
from accounts.changes.errors import CannotUndo
from accounts.changes.models import Change
from accounts.changes.services import note_change
from accounts.changes.undoing import register
from accounts.factors.selectors import has_settled_factor
from accounts.identity import vault
from accounts.identity.selectors import find_identity, id_digits_match
from accounts.identity.trying import Source, clear_id_tries, take_id_try
from accounts.payment_password.errors import AnswersPaused
from accounts.payment_password.outgrown import request_look_again
from accounts.payment_password.selectors import payment_password_state
from accounts.payment_password.services import check_payment_password
from accounts.phone.binding import session_hash
from accounts.phone.errors import CodeDead, CodeUsed
from accounts.phone.services import request_code, verify_code
from accounts.phone.states import Asker
from accounts.phone_change.errors import (
    NumberTaken,
    PersonGone,
    ProofRefused,
    SameNumber,
    StepMissing,
)
from accounts.phone_change.models import PhoneChange
from accounts.phone_change.states import PhoneChangeState
from accounts.security import throttle
from accounts.security.models import UserSession
from accounts.security.retries import in_one_transaction
from accounts.security.services import end_sessions, hold_session, record_event
from accounts.security.sweeping import do_each, each_due
from accounts.security.tries import TriesLocked
from accounts.users.models import User
from accounts.users.services import lock_person

OLD, NEW = "phone_change_old", "phone_change_new"
# The text for a number that has a wallet: it carries no code.
TAKEN = "phone_change_taken"
ASKED, CHANGED = "phone.change_asked", "phone.changed"


def start_phone_change(
    *, user: User, phone: str, has_old_phone: bool, session_key: str, address: str
) -> PhoneChange:
    """Open a walk to `phone` (E.164); with the old phone, a code goes there first.

    Says nothing about whose the new number is. Raises `SameNumber`, `TooManyRequests`, and what
    `accounts.phone` refuses with. Call it outside any transaction.
    """
    if phone == str(user.phone):
        raise SameNumber
    throttle.hit(action="phone_change", person=str(user.public_id))
    walk = PhoneChange(
        user=user,
        session_hash=session_hash(session_key),
        new_phone_encrypted=vault.encrypt(phone),
        has_old_phone=has_old_phone,
        has_factor=has_settled_factor(user),
        expires_at=timezone.now() + timedelta(seconds=settings.PHONE_CHANGE["walk_seconds"]),
    )
    if has_old_phone:
        challenge = request_code(
            purpose=OLD,
            phone=str(user.phone),
            session_key=session_key,
            address=address,
            asker=Asker.OWN,
            user=user,
            bound_to=phone,
        )
        walk.old_challenge_id = challenge.public_id
    walk.save()
    return walk


def prove_old_phone(*, walk: PhoneChange, code: str, session_key: str, address: str) -> None:
    """Check the code to the old phone, then send one to the new. Raises as `verify_code` and
    `request_code` do."""
    if walk.old_challenge_id is None:
        raise CodeDead
    with suppress(CodeUsed):
        verify_code(challenge_id=walk.old_challenge_id, code=code, session_key=session_key)
    _person_is_proved(walk, session_key, address)


def prove_person(
    *, walk: PhoneChange, payment_password: str, id_digits: str, session_key: str, address: str
) -> None:
    """Without the old phone: payment password and ID digits, then a code to the new phone.

    Raises `ProofRefused`, `AnswersPaused`, and what the payment password and `accounts.phone`
    refuse with. Call it outside any transaction.
    """
    user = walk.user
    try:
        take_id_try(user=user, source=Source.SIGNED_IN)
    except TriesLocked as locked:
        raise AnswersPaused(locked.state.locked_until, code="phone_change.paused") from None
    if payment_password_state(user).is_set:
        check_payment_password(user=user, raw=payment_password)
    if find_identity(user) is not None and not (
        len(id_digits) == 6 and id_digits_match(user, id_digits)
    ):
        record_event(user=user, kind="phone.change_refused", address=address)
        raise ProofRefused
    clear_id_tries(user=user, source=Source.SIGNED_IN)
    _person_is_proved(walk, session_key, address)


def prove_new_phone(
    *,
    walk: PhoneChange,
    code: str,
    session_key: str,
    address: str,
    session: UserSession | None = None,
) -> PhoneChange:
    """Check the code to the new phone; the change is made now, or waits for a day.

    Raises as `verify_code`, `StepMissing`, `NumberTaken`, and `BrowserSignedOut` where `session`
    was ended meanwhile. Call it outside any transaction.
    """
    if walk.new_challenge_id is None or walk.person_proved_at is None:
        raise StepMissing
    with suppress(CodeUsed):
        verify_code(challenge_id=walk.new_challenge_id, code=code, session_key=session_key)
    in_one_transaction(lambda: _prove(walk, session=session, address=address))
    walk.refresh_from_db()
    return walk


def _prove(walk: PhoneChange, *, session: UserSession | None, address: str) -> None:
    """The newest walk is the one that counts: two at once come one after the other."""
    lock_person(walk.user_id)
    hold_session(session=session)
    now = timezone.now()
    waits = not walk.has_old_phone and not walk.has_factor
    PhoneChange.objects.filter(user=walk.user, state=PhoneChangeState.WAITING).update(
        state=PhoneChangeState.STOPPED, ended_at=now
    )
    taken = PhoneChange.objects.filter(
        pk=walk.pk,
        state=PhoneChangeState.ASKING,
        person_proved_at__isnull=False,
        expires_at__gt=now,
    ).update(
        state=PhoneChangeState.WAITING,
        new_proved_at=now,
        takes_effect_at=now
        + timedelta(seconds=settings.PHONE_CHANGE["wait_seconds"] if waits else 0),
    )
    if not taken:
        raise StepMissing
    if waits:
        note_change(
            user=walk.user,
            kind=ASKED,
            session=session,
            address=address,
            undo={"walk": walk.pk},
        )
    elif not _carry_out(walk.pk, session=session, address=address):
        raise NumberTaken


def carry_out_due() -> int:
    """The sweep: changes whose day of waiting is over; how many were made. One that cannot be made
    stops none behind it."""
    due = PhoneChange.objects.filter(
        state=PhoneChangeState.WAITING, takes_effect_at__lte=timezone.now()
    )

    def carry_out(pk: int) -> int:
        return in_one_transaction(lambda: _carry_out(pk, session=None, address=""))

    return do_each(each_due(due, by="takes_effect_at"), carry_out, what="change of phone")


def change_phone_by_support(*, user: User, phone: str, actor: User) -> None:
    """Two people of support have decided it; joins their transaction.

    Raises `NumberTaken`, and `PersonGone` where the customer has closed their wallet meanwhile.
    """
    with transaction.atomic():
        if not _set_phone(user, phone, session=None, address="", actor=actor):
            raise NumberTaken if User.objects.filter(phone=phone).exists() else PersonGone


def stop_waiting(*, user: User) -> bool:
    """The owner thinks better of it; whether there was something to stop."""
    stopped = PhoneChange.objects.filter(user=user, state=PhoneChangeState.WAITING).update(
        state=PhoneChangeState.STOPPED, ended_at=timezone.now()
    )
    if stopped:
        record_event(user=user, kind="phone.change_stopped")
    return bool(stopped)


def register_undos() -> None:
    """Make both steps changes that can be taken back."""
    register(
        kind=ASKED,
        says=_("The change does not take effect, and your number stays as it is."),
        carry_out=_stop,
    )
    register(kind=CHANGED, says=_("Your number is the old one again."), carry_out=_put_back)


def _person_is_proved(walk: PhoneChange, session_key: str, address: str) -> None:
    phone = walk.new_phone
    is_taken = User.objects.filter(phone=phone).exists()
    challenge = request_code(
        purpose=NEW,
        phone=phone,
        session_key=session_key,
        address=address,
        # Whose number it is today is not known.
        asker=Asker.STRANGER,
        user=walk.user,
        bound_to=str(walk.public_id),
        message=TAKEN if is_taken else NEW,
    )
    walk.new_challenge_id = challenge.public_id
    walk.person_proved_at = timezone.now()
    walk.save(update_fields=["new_challenge_id", "person_proved_at"])


def _carry_out(pk: int, *, session: UserSession | None, address: str) -> bool:
    """Once, whoever comes first: the row count decides. In the caller's transaction."""
    lock_person(PhoneChange.objects.values_list("user_id", flat=True).get(pk=pk))
    now = timezone.now()
    taken = PhoneChange.objects.filter(
        pk=pk, state=PhoneChangeState.WAITING, takes_effect_at__lte=now
    ).update(state=PhoneChangeState.DONE, ended_at=now)
    if not taken:
        return False
    walk = PhoneChange.objects.select_related("user").get(pk=pk)
    # Who had the old phone at hand may go back to it. Where it was gone, it may be in the hands of
    # a thief: that one is told as well, and may stop everything, but gets nothing back.
    undo = {"phone": str(walk.user.phone)} if walk.has_old_phone else None
    if _set_phone(walk.user, walk.new_phone, session=session, address=address, undo=undo):
        return True
    PhoneChange.objects.filter(pk=pk).update(state=PhoneChangeState.FAILED)
    return False


def _set_phone(
    user: User,
    phone: str,
    *,
    session: UserSession | None,
    address: str,
    actor: User | None = None,
    undo: Mapping[str, str] | None = None,
) -> bool:
    """Whether the number was free, and the person still is here. Ends every other session, tells
    both numbers."""
    old = str(lock_person(user.pk).phone)
    # Six digits that were a secret may be the end of the new number. Before the number itself, for
    # which whoever counts a wrong payment password would have to wait.
    request_look_again(user=user)
    try:
        with transaction.atomic():
            # Of a closing at the same moment the row count decides: who has left gets no number,
            # which is free for whoever opens a wallet with it.
            if not User.objects.filter(pk=user.pk, is_active=True).update(phone=phone):
                return False
    except IntegrityError:
        return False
    user.refresh_from_db()
    end_sessions(user=user, why="phone_changed", keep=session)
    begin_caution(user=user, why="phone_changed")
    note_change(
        user=user,
        kind=CHANGED,
        session=session,
        address=address,
        actor=actor,
        undo=undo,
        also_to=old,
    )
    return True


def _stop(change: Change, kept: Mapping[str, Any]) -> None:
    stopped = PhoneChange.objects.filter(
        pk=kept["walk"], user=change.user, state=PhoneChangeState.WAITING
    ).update(state=PhoneChangeState.STOPPED, ended_at=timezone.now())
    if not stopped:
        raise CannotUndo


def _put_back(change: Change, kept: Mapping[str, Any]) -> None:
    request_look_again(user=change.user)
    try:
        with transaction.atomic():
            mine = User.objects.filter(pk=change.user_id, is_active=True)
            is_back = mine.update(phone=kept["phone"])
    except IntegrityError:
        raise CannotUndo from None
    if not is_back:
        raise CannotUndo
