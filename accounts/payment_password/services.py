"""Setting, changing and checking the payment password. The only door to its rows."""

from __future__ import annotations

import logging
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from accounts.caution.services import begin_caution
from accounts.changes.services import note_change
from accounts.payment_password.errors import (
    PaymentPasswordExists,
    PaymentPasswordKeyGone,
    PaymentPasswordLocked,
    PaymentPasswordMissing,
    PaymentPasswordWeak,
    PaymentPasswordWrong,
)
from accounts.payment_password.hashing import Sealed, has_key, is_old, opens, seal
from accounts.payment_password.models import (
    PaymentPassword,
    PaymentPasswordReset,
    UsedPaymentPassword,
)
from accounts.payment_password.selectors import (
    believed_until,
    digits_to_avoid,
    lock_seconds,
    state_of,
)
from accounts.payment_password.weak import find_weakness, is_among
from accounts.phone.services import send_notice
from accounts.security.clock import latest_now
from accounts.security.errors import Refusal
from accounts.security.models import UserSession
from accounts.security.retries import in_one_transaction
from accounts.security.services import hold_session, record_event
from accounts.users.models import User
from accounts.users.services import lock_person

# Rows that one sweep puts right.
_AT_ONCE = 1_000

logger = logging.getLogger(__name__)


def require_strong(*, raw: str, avoid: list[str]) -> None:
    """Raise `PaymentPasswordWeak` for digits on the refusal list or among `avoid`."""
    if why := find_weakness(raw):
        raise PaymentPasswordWeak(why)
    if is_among(raw, avoid):
        raise PaymentPasswordWeak("personal")


def set_payment_password(*, user: User, raw: str) -> PaymentPassword:
    """Give a person their first payment password. Raises `PaymentPasswordExists`, `...Weak`."""
    return store_sealed(user=user, sealed=seal_new(user=user, raw=raw))


def seal_new(*, user: User, raw: str) -> Sealed:
    """Seal digits that this person may have from now on. Raises `PaymentPasswordWeak`.

    Some seven slow hashes: call it outside any transaction, and give what comes of it to
    `store_sealed` or `reset_payment_password`.
    """
    _require_new(user, raw)
    return seal(owner=user.public_id, raw=raw)


def store_sealed(*, user: User, sealed: Sealed) -> PaymentPassword:
    """The same from digits sealed earlier for `user.public_id` (sign-up keeps no digits)."""
    try:
        with transaction.atomic():
            row = PaymentPassword.objects.create(user=user, hash=sealed.hash, key_id=sealed.key_id)
            _end_resets(user)
            _remember(user, sealed)
            record_event(user=user, kind="payment_password.set")
    except IntegrityError:
        raise PaymentPasswordExists from None
    return row


def change_payment_password(
    *, user: User, old: str, new: str, session: UserSession | None = None
) -> None:
    """Replace it by somebody who knows the old one; the caller has asked for fresh proof as well.
    A wrong old one counts on the one ladder.

    Call it outside any transaction, like `check_payment_password`, whose errors it raises, also
    where another one was set meanwhile, and PaymentPasswordWeak, and `BrowserSignedOut` where
    `session` was ended meanwhile.
    """
    checked = _check(user, old)
    sealed = seal_new(user=user, raw=new)

    def work() -> None:
        row = _lock_row(user, session)
        # It was right when it was looked at: whoever has reset it since beats it.
        if row.hash != checked:
            raise PaymentPasswordWrong(state_of(row).tries_left)
        _replace(row, sealed, kind="payment_password.changed", session=session)

    in_one_transaction(work)


def reset_payment_password(
    *, user: User, sealed: Sealed, session: UserSession | None = None
) -> None:
    """Replace it without the old one by what `seal_new` made; the caller has proved who is asking.
    Ends every lock. Raises `BrowserSignedOut` where `session` was ended meanwhile."""
    with transaction.atomic():
        row = _lock_row(user, session)
        _replace(row, sealed, kind="payment_password.reset", session=session)


@dataclass(frozen=True)
class _Verdict:
    """`hash` is that of the row that was looked at."""

    refusal: Refusal | None
    hash: str = ""


def check_payment_password(*, user: User, raw: str) -> None:
    """Check the six digits; returns when they are right.

    Its own short, row-locked, committed transaction, so that parallel tries queue up and no
    rollback of the caller forgets a wrong one: it refuses to run inside another transaction
    (RuntimeError). While locked nothing is hashed and the right digits are refused as well.
    Raises `PaymentPasswordWrong`, `PaymentPasswordLocked`, `PaymentPasswordMissing`; and
    `PaymentPasswordKeyGone` when its key was dropped: then only a reset helps, too.
    Source: RTS (EU) 2018/389 art. 4(3); NIST SP 800-63B.
    """
    _check(user, raw)


def _check(user: User, raw: str) -> str:
    """The hash of the row whose digits were right."""
    with transaction.atomic(durable=True):
        verdict = _look(user, raw)
    if verdict.refusal is not None:
        raise verdict.refusal
    return verdict.hash


def unlock_payment_password(*, user: User, by: User, reason: str) -> None:
    """End a lock by support. Wrong tries since the last success stay counted, so that support
    cannot be used to guess on; when only a reset helps, `PaymentPasswordLocked(None)`."""
    with transaction.atomic():
        row = PaymentPassword.objects.select_for_update().filter(user=user).first()
        if row is None:
            raise PaymentPasswordMissing
        if state_of(row).reset_only:
            raise PaymentPasswordLocked(None)
        row.wrong_in_row = 0
        row.locked_until = None
        row.save(update_fields=["wrong_in_row", "locked_until"])
        record_event(
            user=user, actor=by, kind="payment_password.unlocked", details={"reason": reason[:200]}
        )


def _look(user: User, raw: str) -> _Verdict:
    row = PaymentPassword.objects.select_for_update().filter(user=user).first()
    if row is None:
        return _Verdict(PaymentPasswordMissing())
    state = state_of(row)
    if state.is_key_gone:
        logger.error("payment password key %s is in no list: only a reset helps", row.key_id)
        return _Verdict(PaymentPasswordKeyGone())
    if state.is_locked:
        return _Verdict(PaymentPasswordLocked(None if state.reset_only else state.locked_until))
    sealed = Sealed(hash=row.hash, key_id=row.key_id)
    if not opens(sealed, owner=user.public_id, raw=raw):
        return _Verdict(_count_wrong(user, row))
    if is_old(sealed):
        fresh = seal(owner=user.public_id, raw=raw)
        # What is remembered of it turns over with it, or "used before" would go with the old key.
        UsedPaymentPassword.objects.filter(user=user, hash=row.hash).update(
            hash=fresh.hash, key_id=fresh.key_id
        )
        row.hash, row.key_id = fresh.hash, fresh.key_id
    elif not row.wrong_since_success and not row.wrong_in_row and row.locked_until is None:
        _commit_without_waiting()
        return _Verdict(None, row.hash)
    row.wrong_in_row = row.wrong_since_success = 0
    row.locked_until = None
    row.save()
    return _Verdict(None, row.hash)


def _commit_without_waiting() -> None:
    """Nothing was written but a row lock: no need to wait for the disk (PostgreSQL, 30.4)."""
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:
            cursor.execute("SET LOCAL synchronous_commit = off")


def _count_wrong(user: User, row: PaymentPassword) -> Refusal:
    row.wrong_in_row += 1
    row.wrong_since_success += 1
    seconds = lock_seconds(row.wrong_in_row)
    row.locked_until = timezone.now() + timedelta(seconds=seconds) if seconds else None
    row.is_reset_only = row.wrong_since_success >= settings.PAYMENT_PASSWORD["reset_only_after"]
    row.save()
    state = state_of(row)
    record_event(
        user=user,
        kind="payment_password.wrong",
        details={"wrong_since_success": row.wrong_since_success},
    )
    if not state.is_locked:
        return PaymentPasswordWrong(state.tries_left)
    record_event(
        user=user,
        kind="payment_password.locked",
        details={"seconds": seconds, "reset_only": row.is_reset_only},
    )
    send_notice(user=user, message="payment_password_locked")
    return PaymentPasswordLocked(None if row.is_reset_only else state.locked_until)


def _require_new(user: User, raw: str) -> None:
    require_strong(raw=raw, avoid=digits_to_avoid(user))
    used = UsedPaymentPassword.objects.filter(user=user)[: settings.PAYMENT_PASSWORD["remembered"]]
    for old in used:
        if matches_any(owner=user.public_id, sealed=Sealed(old.hash, old.key_id), candidates=[raw]):
            raise PaymentPasswordWeak("used")
    if user.check_password(raw):
        raise PaymentPasswordWeak("login")


def _lock_row(user: User, session: UserSession | None) -> PaymentPassword:
    """The row under its lock and the person's; the browser stays signed in until it is written."""
    person = lock_person(user.pk)
    row = PaymentPassword.objects.select_for_update().filter(user=person).first()
    if row is None:
        raise PaymentPasswordMissing
    hold_session(session=session)
    row.user = person
    return row


def _replace(
    row: PaymentPassword, sealed: Sealed, *, kind: str, session: UserSession | None
) -> None:
    """Under both locks."""
    user, now = row.user, timezone.now()
    row.hash, row.key_id = sealed.hash, sealed.key_id
    row.wrong_in_row = row.wrong_since_success = 0
    row.locked_until = None
    row.is_reset_only = False
    row.changed_at = now
    row.is_outgrown = False
    row.save()
    _end_resets(user)
    _remember(user, sealed)
    note_change(user=user, kind=kind, session=session)
    begin_caution(user=user, why=kind.replace(".", "_"))


def _end_resets(user: User) -> None:
    """There is another one: whoever else has begun to reset the one before begins anew."""
    PaymentPasswordReset.objects.filter(user=user, used_at=None).update(used_at=timezone.now())


def settle_locks() -> int:
    """The sweep: a lock of a clock that ran ahead begins now, and lasts as long as its own step of
    the ladder; how many there were."""
    steps = settings.PAYMENT_PASSWORD["ladder"].values()
    latest = latest_now() + timedelta(seconds=min(steps))
    settled = 0
    for row in PaymentPassword.objects.filter(locked_until__gt=latest)[:_AT_ONCE]:
        until = believed_until(row)
        if until != row.locked_until:
            same = PaymentPassword.objects.filter(pk=row.pk, locked_until=row.locked_until)
            settled += same.update(locked_until=until)
    return settled


def look_again(*, user: User) -> bool:
    """Whether what is known of the person has made the payment password guessable, as a new phone
    number or an ID number can; remembered until there is another one. Hashes: call it outside any
    transaction."""
    row = PaymentPassword.objects.filter(user=user).first()
    if row is None:
        return False
    person = User.objects.get(pk=user.pk)
    sealed = Sealed(hash=row.hash, key_id=row.key_id)
    found = matches_any(owner=person.public_id, sealed=sealed, candidates=digits_to_avoid(person))
    # Only of what was looked at: it may have been replaced meanwhile, or asked for once more.
    PaymentPassword.objects.filter(
        pk=row.pk, hash=row.hash, look_again_at=row.look_again_at
    ).update(is_outgrown=found, look_again_at=None)
    return found


def _remember(user: User, sealed: Sealed) -> None:
    UsedPaymentPassword.objects.create(user=user, hash=sealed.hash, key_id=sealed.key_id)
    keep = settings.PAYMENT_PASSWORD["remembered"]
    newest = UsedPaymentPassword.objects.filter(user=user).values_list("pk", flat=True)[:keep]
    UsedPaymentPassword.objects.filter(user=user).exclude(pk__in=list(newest)).delete()


def matches_any(*, owner: UUID, sealed: Sealed, candidates: list[str]) -> bool:
    """Whether the sealed digits are one of a few candidates (after more is known of its owner). Of
    digits whose key is gone nobody can say: no."""
    if not has_key(sealed.key_id):
        return False
    return any(opens(sealed, owner=owner, raw=digits) for digits in candidates)
