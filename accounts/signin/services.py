"""Signing in and out. `login()` is called in one place, after everything has been proved."""

from __future__ import annotations

from datetime import timedelta

import django_otp
from django.conf import settings
from django.contrib.auth import authenticate, login, logout, update_session_auth_hash
from django.contrib.auth.base_user import AbstractBaseUser
from django.contrib.auth.hashers import make_password
from django.db import transaction
from django.http import HttpRequest
from django.utils import timezone
from django_otp.models import Device

from accounts.caution.services import begin_caution
from accounts.changes.services import note_change
from accounts.closing.selectors import find_former
from accounts.factors.passkey_asking import PasskeyAsk, ask_to_prove, take_answer
from accounts.factors.selectors import has_second_factor
from accounts.factors.services import verify_second_factor
from accounts.identity.passwords import look_at_typed
from accounts.security import throttle
from accounts.security.addresses import client_address
from accounts.security.devices import find_device_of
from accounts.security.models import UserSession
from accounts.security.retries import in_one_transaction
from accounts.security.services import (
    end_session,
    end_sessions,
    hold_session,
    open_session,
    record_event,
)
from accounts.security.sessions import (
    attach_session,
    current_session,
    device_label,
    note_browser_left,
    renew_session,
)
from accounts.security.tries import Ladder, TriesLocked, clear_tries, take_try
from accounts.signin import lockout
from accounts.signin.errors import (
    OldPasswordPaused,
    OldPasswordWrong,
    SignInClosed,
    SignInExpired,
    SignInLocked,
    SignInNeedsFactor,
    SignInWrong,
)
from accounts.signin.models import LoginRecovery, PendingSignIn
from accounts.signin.names import canonical_name, phone_or_nobody
from accounts.users.models import User
from accounts.users.services import lock_person

BACKEND = "django.contrib.auth.backends.ModelBackend"
PENDING_SECONDS = 5 * 60
_CHANGE_SCOPE = "login_password"
# What a passkey can be asked for here.
SIGN_IN, _SECOND_STEP = "sign_in", "second_step"


def check_login_password(*, request: HttpRequest, typed_name: str, password: str) -> User:
    """Who this is, when phone and login password are right; nobody is signed in yet.

    A known and an unknown name take the same road: the same counter, one hash, one event row.
    Raises `TooManyRequests` (address), `SignInLocked`, `SignInWrong`, `SignInClosed`. Call it
    outside any transaction: the counts must survive the refusal.
    """
    address = client_address(request)
    name = canonical_name(typed_name)
    throttle.hit(action="sign_in", address=address)
    door = lockout.door_of(name, find_device_of(request, phone_or_nobody(name)))
    lockout.mark_door(request, door)
    try:
        state = lockout.take_sign_in_try(door)
    except TriesLocked as locked:
        raise SignInLocked(locked.state, key=lockout.lock_key(door)) from None
    former = find_former(phone_or_nobody(name))
    found: AbstractBaseUser | None
    if former is None:
        found = authenticate(request, phone=phone_or_nobody(name), password=password)
    else:
        # One hash, as for everybody else.
        found = former.user if former.user.check_password(password) else None
    if not isinstance(found, User):
        owner = User.objects.filter(phone=phone_or_nobody(name)).first()
        kind = "sign_in.locked" if state.is_locked else "sign_in.wrong"
        record_event(user=owner, kind=kind, address=address)
        if state.is_locked:
            raise SignInLocked(state, key=lockout.lock_key(door))
        raise SignInWrong
    # Not the strangers' door: their tries stay counted when the owner comes in by another.
    lockout.open_door(door)
    if former is not None:
        record_event(user=found, kind="sign_in.closed", address=address)
        raise SignInClosed(former)
    look_at_typed(user=found, raw=password)
    throttle.give_back(action="sign_in", address=address)
    return found


def begin_second_step(*, user: User, next_path: str) -> PendingSignIn:
    """Remember in a row that the password was right; five minutes for the second factor."""
    return PendingSignIn.objects.create(
        user=user,
        auth_hash=user.get_session_auth_hash(),
        next_path=next_path,
        expires_at=timezone.now() + timedelta(seconds=PENDING_SECONDS),
    )


def finish_second_step(*, request: HttpRequest, pending: PendingSignIn, code: str) -> None:
    """Check the second factor and sign in. Raises `FactorWrong`, `FactorLocked`, or
    `SignInExpired` when the pending sign-in was used by another request meanwhile."""
    address = client_address(request)
    factor = verify_second_factor(user=pending.user, code=code, address=address)
    _finish(request=request, pending=pending, factor=factor, how="password and code")


def _finish(*, request: HttpRequest, pending: PendingSignIn, factor: Device, how: str) -> None:
    """Sign in with a second factor that was checked; once."""
    used = PendingSignIn.objects.filter(
        pk=pending.pk, used_at=None, expires_at__gt=timezone.now()
    ).update(used_at=timezone.now())
    if not used:
        raise SignInExpired
    sign_in(request=request, user=pending.user, factor=factor, how=how)


def ask_for_second_step(request: HttpRequest, pending: PendingSignIn) -> PasskeyAsk | None:
    """The question for a passkey as the second step of this very sign-in."""
    return ask_to_prove(request, _SECOND_STEP, person=pending.user, bound_to=str(pending.public_id))


def finish_with_passkey(*, request: HttpRequest, pending: PendingSignIn) -> None:
    """Take the passkey's answer as the second step. Raises `PasskeyRefused`, `SignInExpired`."""
    factor = take_answer(
        request, _SECOND_STEP, person=pending.user, bound_to=str(pending.public_id)
    )
    _finish(request=request, pending=pending, factor=factor, how="password and passkey")


def sign_in_with_passkey(*, request: HttpRequest) -> UserSession:
    """Sign in whoever the passkey belongs to: its owner unlocked it, so it is two factors.

    A door that is closed after wrong passwords stays closed for passwords; a key cannot be guessed.
    Raises `TooManyRequests` (address) and `PasskeyRefused`. Call it outside any transaction.
    """
    address = client_address(request)
    throttle.hit(action="sign_in", address=address)
    passkey = take_answer(request, SIGN_IN)
    throttle.give_back(action="sign_in", address=address)
    return sign_in(request=request, user=passkey.user, factor=passkey, how="passkey")


def sign_in(
    *, request: HttpRequest, user: User, factor: Device | None = None, how: str = "password"
) -> UserSession:
    """Sign a person in who has proved everything; the session gets a new key in every case. `how`
    is written down: what they have shown.

    Raises `SignInNeedsFactor` for staff without a second factor: there is no way around it.
    """
    if user.is_staff and factor is None:
        raise SignInNeedsFactor
    address = client_address(request)
    before = current_session(request)
    if before is not None:
        end_session(session=before, why="signed_in_again")
        if before.user_id != user.pk:
            note_browser_left(request)
    login(request, user, backend=BACKEND)
    # Django keeps the key when the same person signs in again.
    renew_session(request)
    if factor is not None:
        django_otp.login(request, factor)
    label = device_label(request.headers.get("User-Agent", ""))
    session = open_session(user=user, label=label, address=address)
    attach_session(request, session)
    record_event(
        user=user, kind="sign_in.ok", address=address, details={"device": label, "how": how}
    )
    return session


def needs_second_step(user: User) -> bool:
    """Whether the password alone does not sign this person in."""
    return user.is_staff or has_second_factor(user)


def lacks_factor(user: User) -> bool:
    """Whether this person must have a second factor and has none."""
    return user.is_staff and not has_second_factor(user)


def sign_out(*, request: HttpRequest, why: str = "signed_out") -> None:
    """End this browser's session for good; a kept copy of its cookie is worth nothing."""
    session = current_session(request)
    if session is not None:
        end_session(session=session, why=why)
        if why == "signed_out":
            record_event(user=session.user, kind="sign_out.ok", address=client_address(request))
    leave_browser(request=request)


def leave_browser(*, request: HttpRequest) -> None:
    """Nobody is signed in here any more, and the answer has the browser forget what it kept of the
    pages (`SessionLifetimeMiddleware`). The one place where `logout()` is called."""
    logout(request)
    note_browser_left(request)


def change_login_password(*, request: HttpRequest, user: User, old: str, new: str) -> None:
    """Change the login password; every other device is signed out, this one gets a new key.

    `new` has passed the validators in the form. Raises `OldPasswordWrong`, also where another
    password was set meanwhile; five wrong in a row pause it (`OldPasswordPaused`);
    `BrowserSignedOut` when this browser was signed out meanwhile. Call it outside any transaction.
    """
    subject = str(user.pk)
    ladder = Ladder(steps=settings.SIGN_IN["ladder"])
    try:
        take_try(scope=_CHANGE_SCOPE, subject=subject, ladder=ladder)
    except TriesLocked as locked:
        raise OldPasswordPaused(locked.state.locked_until) from None
    if not user.check_password(old):
        raise OldPasswordWrong
    clear_tries(scope=_CHANGE_SCOPE, subject=subject)
    session, address, hashed = current_session(request), client_address(request), make_password(new)

    def work() -> None:
        person = lock_person(user.pk)
        # It was right when it was looked at: a reset since then beats it, and so does whoever has
        # signed this browser out.
        if person.password != user.password:
            raise OldPasswordWrong
        hold_session(session=session)
        _store_password(person, hashed)
        end_sessions(user=person, why="password_changed", keep=session)
        note_change(user=person, kind="login_password.changed", session=session, address=address)
        begin_caution(user=person, why="login_password_changed")

    in_one_transaction(work)
    user.refresh_from_db(fields=["password", "password_changed_at", "is_password_outgrown"])
    # This gives the session a new key as well.
    update_session_auth_hash(request, user)


def reset_login_password(*, user: User, hashed: str, address: str) -> None:
    """Set a new login password for somebody who proved who they are another way: signs every
    device out and ends a sign-in lock. The payment password stays as it is. `hashed` is what
    `make_password` made of it, outside any transaction."""
    with transaction.atomic():
        person = lock_person(user.pk)
        _store_password(person, hashed)
        end_sessions(user=person, why="password_reset")
        note_change(user=person, kind="login_password.reset", address=address)
        begin_caution(user=person, why="login_password_reset")
    _open_all_doors(user)
    clear_tries(scope=_CHANGE_SCOPE, subject=str(user.pk))


def unlock_sign_in(*, user: User, by: User, reason: str) -> None:
    """End a sign-in lock by hand; support has checked who is asking. Signs nobody in."""
    _open_all_doors(user)
    record_event(user=user, kind="sign_in.unlocked", actor=by, details={"reason": reason})


def sign_out_device(*, session: UserSession, address: str) -> None:
    """End one session of a person, who asks for it in another one. Twice is fine."""
    with transaction.atomic():
        if end_session(session=session, why="signed_out_elsewhere"):
            record_event(
                user=session.user,
                kind="session.ended",
                address=address,
                details={"device": session.label},
            )


def sign_out_other_devices(*, request: HttpRequest, user: User) -> int:
    """End all sessions but this one; returns how many."""
    count = end_sessions(user=user, why="signed_out_elsewhere", keep=current_session(request))
    record_event(
        user=user,
        kind="session.others_ended",
        address=client_address(request),
        details={"count": count},
    )
    return count


def sign_out_everywhere(*, request: HttpRequest, user: User) -> int:
    """End all sessions, this one too; returns how many."""
    count = end_sessions(user=user, why="signed_out_elsewhere")
    record_event(
        user=user,
        kind="session.all_ended",
        address=client_address(request),
        details={"count": count},
    )
    leave_browser(request=request)
    return count


def _open_all_doors(user: User) -> None:
    for door in lockout.doors_of(user):
        lockout.open_door(door)


def _store_password(person: User, hashed: str) -> None:
    """Under the person's lock. Resets that others have begun with the old one are over."""
    now = timezone.now()
    person.password = hashed
    person.password_changed_at = now
    person.is_password_outgrown = False
    person.save(update_fields=["password", "password_changed_at", "is_password_outgrown"])
    LoginRecovery.objects.filter(user=person, used_at=None).update(used_at=now)
