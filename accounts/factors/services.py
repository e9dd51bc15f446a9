"""Setting up, checking and taking away second factors."""

from __future__ import annotations

import logging
import secrets
import time
import unicodedata
from base64 import b32encode
from dataclasses import dataclass
from datetime import timedelta
from urllib.parse import quote, urlencode

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone
from django_otp.models import Device
from django_otp.oath import hotp

from accounts.changes.services import note_change
from accounts.factors.adding import added, before_app, hold
from accounts.factors.errors import (
    FactorClockWrong,
    FactorLocked,
    FactorWrong,
    ProofsWrong,
    ProofWrong,
)
from accounts.factors.models import Authenticator, RecoveryCode
from accounts.factors.selectors import find_unconfirmed, get_authenticator, list_passkeys
from accounts.identity import vault
from accounts.identity.passwords import look_at_typed
from accounts.security.keyed import keyed_hashes
from accounts.security.models import UserSession
from accounts.security.services import record_event
from accounts.security.tries import (
    Ladder,
    TriesLocked,
    TriesState,
    clear_tries,
    take_try,
    tries_state,
)
from accounts.users.models import User
from accounts.users.services import lock_person

logger = logging.getLogger(__name__)

STEP_SECONDS = 30
# One step to either side for clocks that differ: a code is good for 90 s at most, and once.
TOLERANCE_STEPS = 1
# So far ahead of now the last accepted step may lie because servers' clocks differ.
_FEW_STEPS = 4
_SCOPE = "factor"
_PROOF_SCOPE = "step_up"


@dataclass(frozen=True)
class Enrolment:
    """What the person's app must be told, once."""

    uri: str
    secret: str


def begin_enrolment(*, user: User) -> Authenticator:
    """Make a new key that counts for nothing until `confirm_enrolment`; drops an older draft."""
    with transaction.atomic():
        lock_person(user.pk)
        Authenticator.objects.filter(user=user, confirmed=False).delete()
        return _new_authenticator(user)


def enrolment_details(authenticator: Authenticator) -> Enrolment:
    """The otpauth address for the QR picture, and the key to type by hand (base32)."""
    phone = str(authenticator.user.phone)
    issuer = settings.BANK["name_en"]
    label = f"{issuer}:{phone[:-8]}****{phone[-4:]}"
    secret = b32encode(authenticator.key()).decode().rstrip("=")
    query = urlencode({"secret": secret, "issuer": issuer, "digits": 6, "period": STEP_SECONDS})
    return Enrolment(uri=f"otpauth://totp/{quote(label)}?{query}", secret=secret)


def confirm_enrolment(
    *, user: User, code: str, address: str = "", session: UserSession | None = None
) -> list[str]:
    """Switch two-step sign-in on with a code from the new app; returns ten recovery codes.

    Raises `FactorWrong` or `FactorLocked`; replaces an authenticator that counted before.
    """
    _take_factor_try(user)
    draft = find_unconfirmed(user)
    step = _matching_step(draft, _digits(code)) if draft else None
    if draft is None or step is None:
        raise FactorWrong
    with transaction.atomic():
        hold(user)
        before = before_app(user)
        Authenticator.objects.filter(user=user, confirmed=True).delete()
        draft.confirmed = True
        draft.last_step = step
        # Its age counts from now: a new factor is worth less (`has_settled_factor`).
        draft.created_at = timezone.now()
        draft.save()
        codes = replace_recovery_codes(user)
        note_change(
            user=user,
            kind="two_factor.on",
            session=session,
            address=address,
            undo={"added": added(app_key=draft.key().hex()), "before": before},
        )
    clear_tries(scope=_SCOPE, subject=str(user.pk))
    return codes


def enrol_authenticator(*, user: User, actor: User | None = None) -> Enrolment:
    """Give a member of staff an authenticator that counts at once, set up by an administrator.

    The result is shown to the person once and kept nowhere in clear.
    """
    with transaction.atomic():
        lock_person(user.pk)
        Authenticator.objects.filter(user=user).delete()
        authenticator = _new_authenticator(user)
        authenticator.confirmed = True
        authenticator.save(update_fields=["confirmed"])
        record_event(user=user, kind="two_factor.enrolled", actor=actor)
    return enrolment_details(authenticator)


def renew_recovery_codes(
    *, user: User, session: UserSession | None = None, address: str = ""
) -> list[str]:
    """Ten new codes; the old ones are dead. The caller has asked for fresh proof, and the person is
    told everywhere."""
    with transaction.atomic():
        codes = replace_recovery_codes(user)
        note_change(user=user, kind="recovery_codes.made", session=session, address=address)
    return codes


def verify_second_factor(*, user: User, code: str, address: str = "") -> Device:
    """Accept an app code or a recovery code, each exactly once even in parallel; the factor that
    the session may then name as its own.

    Five wrong in a row: 15 min, then 30 min, then an hour each time (`FactorLocked`); otherwise
    `FactorWrong`, or `FactorClockWrong` for a right code that was overtaken by one of a clock that
    ran ahead. Only somebody who has passed the password gets here, so strangers cannot
    lock a person out. Call it outside any transaction.
    """
    _take_factor_try(user, address=address)
    factor = _use_code(user, code, address)
    if factor is None:
        record_event(user=user, kind="sign_in.factor_wrong", address=address)
        raise FactorWrong
    clear_tries(scope=_SCOPE, subject=str(user.pk))
    return factor


def factor_state(user: User) -> TriesState:
    """How often in a row the person was wrong, and until when nothing is looked at."""
    return tries_state(scope=_SCOPE, subject=str(user.pk))


def prove_anew(*, user: User, password: str, code: str | None = None, address: str = "") -> None:
    """Fresh proof by the login password and, for people with a second factor, its `code`.

    Both are always looked at, and nothing says which was wrong: neither the sentence nor a lock,
    for every failure counts on the ladder of this page. A wrong code with the right password also
    counts where codes are counted everywhere; without the password it does not, so whoever finds an
    open browser cannot shut the owner's second step. A code is used up only when both are right.
    Raises `ProofWrong` (a password alone), `ProofsWrong`, `FactorLocked`. Call it outside any
    transaction. Source: RTS (EU) 2018/389 art. 4(3)(a).
    """
    subject = str(user.pk)
    states = [tries_state(scope=_PROOF_SCOPE, subject=subject)]
    states += [factor_state(user)] if code is not None else []
    ends = [state.locked_until for state in states if state.locked_until is not None]
    if ends:
        raise FactorLocked(TriesState(locked_until=max(ends)))
    try:
        take_try(scope=_PROOF_SCOPE, subject=subject, ladder=_ladder())
    except TriesLocked as locked:
        raise FactorLocked(locked.state) from None
    is_right = user.check_password(password)
    if code is not None:
        is_right = _is_code_right(user, code, is_password_right=is_right, address=address)
    if not is_right:
        record_event(user=user, kind="step_up.wrong", address=address)
        raise ProofWrong if code is None else ProofsWrong
    look_at_typed(user=user, raw=password)
    clear_tries(scope=_PROOF_SCOPE, subject=subject)


def _is_code_right(user: User, code: str, *, is_password_right: bool, address: str) -> bool:
    """Counts and uses the code up beside the right password; else only looks at it, as time tells
    something, too."""
    if not is_password_right:
        authenticator = get_authenticator(user)
        if authenticator is not None:
            _matching_step(authenticator, _digits(code))
        _find_recovery_code(user, code).exists()
        return False
    _take_factor_try(user, address=address)
    if _use_code(user, code, address) is None:
        return False
    clear_tries(scope=_SCOPE, subject=str(user.pk))
    return True


def _ladder() -> Ladder:
    first, most = settings.SIGN_IN["totp_lock_seconds"], settings.SIGN_IN["totp_lock_most_seconds"]
    wrong = settings.SIGN_IN["totp_wrong"]
    steps = {wrong + doubled: min(first * 2**doubled, most) for doubled in range(3)}
    return Ladder(steps=steps)


def _take_factor_try(user: User, address: str = "") -> None:
    try:
        state = take_try(scope=_SCOPE, subject=str(user.pk), ladder=_ladder())
    except TriesLocked as locked:
        raise FactorLocked(locked.state) from None
    if state.is_locked:
        record_event(user=user, kind="sign_in.factor_locked", address=address)


def _digits(code: str) -> str:
    """What was typed, full-width digits and spaces forgiven; "" when it is no app code."""
    plain = unicodedata.normalize("NFKC", code).replace(" ", "").strip()
    return plain if len(plain) == 6 and plain.isascii() and plain.isdigit() else ""


def _matching_step(authenticator: Authenticator, digits: str) -> int | None:
    """The time step whose code this is, among those that are near; None when there is none."""
    if not digits:
        return None
    key, now = authenticator.key(), int(time.time()) // STEP_SECONDS
    found = None
    for step in range(now - TOLERANCE_STEPS, now + TOLERANCE_STEPS + 1):
        expected = f"{hotp(key, step):06d}"
        if secrets.compare_digest(expected, digits):
            found = step
    return found


def _use_code(user: User, code: str, address: str) -> Device | None:
    """Use a code of the app or of the paper up; the factor it stands for, None for a wrong one."""
    authenticator = get_authenticator(user)
    digits = _digits(code)
    accepted = authenticator is not None and _accept_app_code(authenticator, digits)
    if authenticator is not None and not accepted:
        _require_clock_was_right(authenticator, digits)
    factor: Device | None = authenticator or next(iter(list_passkeys(user)), None)
    if factor is None or not (accepted or _accept_recovery_code(user, code, address)):
        return None
    return factor


def _accept_app_code(authenticator: Authenticator, digits: str) -> bool:
    step = _matching_step(authenticator, digits)
    if step is None:
        return False
    # The row count decides: of many parallel requests with one code a single one wins.
    return bool(
        Authenticator.objects.filter(
            pk=authenticator.pk, confirmed=True, last_step__lt=step
        ).update(last_step=step)
    )


def _require_clock_was_right(authenticator: Authenticator, digits: str) -> None:
    """A right code counts for nothing while the newest that was accepted is still to come: to
    accept older ones would accept a code twice. But its owner made no mistake, and hears it."""
    if _matching_step(authenticator, digits) is None:
        return
    last = Authenticator.objects.filter(pk=authenticator.pk).values_list("last_step", flat=True)
    ahead = (last.first() or 0) - int(time.time()) // STEP_SECONDS
    if ahead <= _FEW_STEPS:
        return
    # Nothing can be guessed meanwhile: no code of the app is accepted.
    clear_tries(scope=_SCOPE, subject=str(authenticator.user_id))
    logger.error("authenticator %s was used %s steps ahead of our clock", authenticator.pk, ahead)
    raise FactorClockWrong(timezone.now() + timedelta(seconds=ahead * STEP_SECONDS))


def _accept_recovery_code(user: User, code: str, address: str) -> bool:
    with transaction.atomic():
        used = _find_recovery_code(user, code).update(used_at=timezone.now())
        if used:
            record_event(user=user, kind="recovery_codes.used", address=address)
    return bool(used)


def _find_recovery_code(user: User, code: str) -> QuerySet[RecoveryCode]:
    hashes = _recovery_hashes(user, code)
    return RecoveryCode.objects.filter(user=user, code_hash__in=hashes, used_at=None)


def replace_recovery_codes(user: User) -> list[str]:
    """Ten new ones in the caller's transaction; the old ones are dead. One at a time for a person:
    two at once would each leave the other's."""
    lock_person(user.pk)
    RecoveryCode.objects.filter(user=user).delete()
    codes = []
    for _number in range(settings.SIGN_IN["recovery_codes"]):
        text = b32encode(secrets.token_bytes(10)).decode()
        codes.append("-".join(text[at : at + 4] for at in range(0, 16, 4)))
    RecoveryCode.objects.bulk_create(
        RecoveryCode(user=user, code_hash=_recovery_hashes(user, code)[0]) for code in codes
    )
    return codes


def _recovery_hashes(user: User, code: str) -> list[str]:
    """Under the newest key, and under older ones: printed codes outlive a key."""
    plain = unicodedata.normalize("NFKC", code).upper()
    letters = "".join(sign for sign in plain if sign.isascii() and sign.isalnum())
    return keyed_hashes(purpose="recovery_code", text=f"{user.pk}|{letters}")


def _new_authenticator(user: User) -> Authenticator:
    made: Authenticator = Authenticator.objects.create(
        user=user, name="app", confirmed=False, secret=vault.encrypt(secrets.token_hex(20))
    )
    return made
