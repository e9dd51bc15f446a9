"""Freezing: at once and by whoever may; lifting: by the owner alone, fully shown.

Money in goes on. What is on its way and can be stopped is stopped and comes back to the wallet.
"""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import TYPE_CHECKING
from uuid import uuid4

from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.changes.services import note_change
from accounts.identity.selectors import find_identity, id_digits_match
from accounts.identity.trying import Source, clear_id_tries, take_id_try
from accounts.payment_password.errors import AnswersPaused
from accounts.payment_password.services import check_payment_password
from accounts.phone.binding import session_hash
from accounts.phone.errors import CodeDead, CodeUsed
from accounts.phone.selectors import find_challenge
from accounts.phone.services import request_code, send_notice, verify_code
from accounts.phone.states import Asker
from accounts.security import throttle
from accounts.security.services import end_sessions, record_event
from accounts.security.sweeping import do_each, each_due
from accounts.security.tries import TriesLocked
from accounts.users.models import User
from accounts.users.services import lock_person
from payments.processing.errors import PaymentMayNot
from payments.processing.retries import in_one_transaction
from payments.processing.services import stop_payment
from payments.safety.codes import hashes_of, new_code, parse_code
from payments.safety.errors import (
    CodeMistyped,
    CodeUnknown,
    FreezeEnded,
    FrozenByBank,
    LiftOver,
    LiftRefused,
)
from payments.safety.models import FreezeCode, LiftWalk
from payments.safety.selectors import is_by_owner, list_open_freezes, list_stoppable, list_wallets
from payments.wallets.models import Freeze
from payments.wallets.services import freeze_wallet, lock_wallet, unfreeze_wallet

if TYPE_CHECKING:
    from accounts.security.models import UserSession

PURPOSE = "unfreeze"


def freeze_person(*, user: User, how: str, by: User | None, reason: str = "") -> None:
    """Let no money leave any of the owner's wallets from this moment on, and tell the owner.

    Joins the caller's transaction; twice is fine. What is on its way is stopped by
    `stop_what_is_on_its_way`, at once or by the sweep.
    """
    with transaction.atomic():
        # Before the wallets: whoever lifts in this moment comes first, or not at all.
        _lock_walks(user).update(expires_at=timezone.now())
        was_open = is_by_owner(list_open_freezes(user))
        for wallet in list_wallets(user):
            freeze_wallet(wallet=wallet, by=by, reason=reason, side=Freeze.Side.OWNER, how=how)
        if not was_open:
            send_notice(user=user, message="wallet_frozen")


def stop_what_is_on_its_way(user: User) -> int:
    """Take back every payment of a frozen person that can be stopped; how many. Each in its own
    transaction: what cannot be stopped, or not any more, keeps none of the others."""

    def stop(pk: int) -> bool:
        # It arrived at this moment, or somebody else stopped it.
        with suppress(PaymentMayNot):
            in_one_transaction(
                lambda: stop_payment(payment_id=pk, by=None, reason="wallet frozen by its owner")
            )
            return True
        return False

    return do_each((payment.pk for payment in list_stoppable(user)), stop, what="payment")


def stop_for_all_frozen() -> int:
    """The sweep: what a process that died after freezing left on its way."""
    owners = User.objects.filter(
        wallets__freezes__side=Freeze.Side.OWNER,
        wallets__freezes__lifted_at=None,
        wallets__payments_out__state="processing",
    ).distinct()
    return do_each(
        each_due(owners, by="created_at"),
        lambda pk: stop_what_is_on_its_way(User.objects.get(pk=pk)),
        what="what is on its way of frozen customer",
    )


def freeze_by_code(*, typed: str, address: str) -> User:
    """Freeze the wallet whose freeze code this is, sign out every browser; whose wallet it was.

    Guessing is counted by address and over all of them. Raises `CodeMistyped`, `CodeUnknown`,
    `TooManyRequests`. Call it outside any transaction.
    """
    throttle.hit(action="freeze_code", address=address)
    code = parse_code(typed)
    if code is None:
        raise CodeMistyped
    row = (
        FreezeCode.objects.select_related("owner")
        .filter(code_hash__in=hashes_of(code), ended_at=None)
        .first()
    )
    if row is None:
        raise CodeUnknown
    owner = row.owner

    def work() -> None:
        lock_person(owner.pk)
        freeze_person(user=owner, how=Freeze.How.CODE, by=None, reason="freeze code")
        end_sessions(user=owner, why="frozen")
        record_event(user=owner, kind="freeze_code.used", address=address)

    in_one_transaction(work)
    stop_what_is_on_its_way(row.owner)
    return row.owner


def make_freeze_code(*, user: User, address: str = "", session: UserSession | None = None) -> str:
    """A new code, shown to its owner once; the older one ends."""
    code = new_code()
    with transaction.atomic():
        # Two at once: the row of the person says who comes second.
        lock_person(user.pk)
        ended = FreezeCode.objects.filter(owner=user, ended_at=None).update(ended_at=timezone.now())
        FreezeCode.objects.create(owner=user, code_hash=hashes_of(code)[0])
        if ended:
            # The paper in the drawer is worth nothing any more: its owner must know.
            note_change(user=user, kind="freeze_code.made", session=session, address=address)
        else:
            record_event(user=user, kind="freeze_code.made", address=address)
    return code


def start_lift(
    *, user: User, payment_password: str, id_digits: str, session_key: str, address: str
) -> LiftWalk:
    """Look at payment password and ID digits, then ask for a code to the phone.

    The caller has asked for fresh proof (login password, second factor). Raises `FrozenByBank`,
    `LiftRefused`, `AnswersPaused`, and what the payment password and `accounts.phone` refuse with.
    Call it outside any transaction.
    """
    _require_owners(user)
    try:
        take_id_try(user=user, source=Source.SIGNED_IN)
    except TriesLocked as locked:
        raise AnswersPaused(locked.state.locked_until, code="lift.paused") from None
    check_payment_password(user=user, raw=payment_password)
    if find_identity(user) is not None and not (
        len(id_digits) == 6 and id_digits_match(user, id_digits)
    ):
        record_event(user=user, kind="wallet.lift_refused", address=address)
        raise LiftRefused
    clear_id_tries(user=user, source=Source.SIGNED_IN)
    walk_id = uuid4()
    challenge = request_code(
        purpose=PURPOSE,
        phone=str(user.phone),
        session_key=session_key,
        address=address,
        asker=Asker.OWN,
        user=user,
        bound_to=str(walk_id),
    )
    return LiftWalk.objects.create(
        public_id=walk_id,
        user=user,
        session_hash=session_hash(session_key),
        challenge_id=challenge.public_id,
        expires_at=timezone.now() + timedelta(seconds=settings.FREEZING["lift_seconds"]),
    )


def finish_lift(
    *, walk: LiftWalk, code: str, session_key: str, session: UserSession | None = None
) -> None:
    """Check the code and end the owner's freeze, once; the person's other walks end with it.

    The same form sent twice at once lifts once and answers twice. Raises as `verify_code` does, and
    `LiftOver` for a walk that is over: too late, or the person has frozen again since.
    """
    challenge = find_challenge(walk.challenge_id, session_key)
    if challenge is None or challenge.bound_to != str(walk.public_id):
        raise CodeDead
    # Used, yet right: the form was sent twice, and the first one has proved it.
    with suppress(CodeUsed):
        verify_code(challenge_id=walk.challenge_id, code=code, session_key=session_key)
    with transaction.atomic():
        open_walks = _lock_walks(walk.user)
        if not open_walks.filter(pk=walk.pk).update(used_at=timezone.now()):
            _require_lifted(walk)
            return
        open_walks.update(expires_at=timezone.now())
        for wallet in list_wallets(walk.user):
            unfreeze_wallet(
                wallet=wallet, by=walk.user, reason="lifted by owner", side=Freeze.Side.OWNER
            )
        note_change(user=walk.user, kind="wallet.freeze_lifted", session=session)


def lift_for_bank(*, freeze: Freeze, by: User, reason: str) -> None:
    """End this freeze of the bank; two people have decided it. Joins the caller's transaction.

    Raises `FreezeEnded` when it has ended already: what they knew is not why there may be another.
    """
    with transaction.atomic():
        wallet = lock_wallet(freeze.wallet_id)
        if not wallet.freezes.filter(pk=freeze.pk, lifted_at=None).exists():
            raise FreezeEnded
        unfreeze_wallet(wallet=wallet, by=by, reason=reason, side=Freeze.Side.BANK)
        send_notice(user=wallet.owner, message="wallet_unfrozen")


def _require_lifted(walk: LiftWalk) -> None:
    """Raise `LiftOver` unless this walk has lifted the freeze and none has begun since."""
    is_used = LiftWalk.objects.filter(pk=walk.pk, used_at__isnull=False).exists()
    if not is_used or is_by_owner(list_open_freezes(walk.user)):
        raise LiftOver


def _lock_walks(user: User) -> QuerySet[LiftWalk]:
    """The person's walks that can still lift, each locked, in the order in which everybody does."""
    open_walks = LiftWalk.objects.filter(user=user, used_at=None, expires_at__gt=timezone.now())
    list(open_walks.select_for_update(no_key=True).order_by("pk").values_list("pk", flat=True))
    return open_walks


def _require_owners(user: User) -> None:
    sides = {row.side for row in list_open_freezes(user)}
    if sides == {Freeze.Side.BANK}:
        raise FrozenByBank
    if not sides:
        raise LiftRefused
