"""What the owner does with a standing order in force. Each under the order's lock, beside which
no date of it can be taken: a date is paid before or after, never in between."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from django.utils import timezone

from accounts.payment_password.services import check_payment_password
from accounts.security.services import record_event
from payments.processing.retries import in_one_transaction
from payments.proving.asking import Ask
from payments.proving.errors import SecondProofNeeded
from payments.proving.services import ask_for_proof, require_no_proof, use_proof
from payments.transfers.standing_orders.composing import ask_of_order, lock_order
from payments.transfers.standing_orders.errors import OrderMayNot
from payments.transfers.standing_orders.models import StandingOrder, StandingRun
from payments.transfers.standing_orders.planning import move_on
from payments.transfers.standing_orders.running import drop_waiting
from payments.transfers.standing_orders.states import (
    ORDER_TRANSITIONS,
    OrderState,
    RunState,
)
from payments.transfers.typed import parse_amount
from payments.wallets.limits import require_within_single
from payments.wallets.services import lock_wallet, require_may_pay

if TYPE_CHECKING:
    from accounts.security.models import UserSession


def pause_order(*, order: StandingOrder) -> StandingOrder:
    """Nothing is paid until it is resumed; a date that is being retried is given up. Pausing
    twice is fine. Raises `OrderMayNot`."""

    def work() -> StandingOrder:
        locked = lock_order(order.pk)
        if locked.state != OrderState.PAUSED:
            drop_waiting(locked)
            _move(locked, OrderState.PAUSED)
        return locked

    return in_one_transaction(work)


def resume_order(*, order: StandingOrder) -> StandingOrder:
    """Go on with the next date that is still to come: what passed meanwhile is not made up for.
    Resuming twice is fine. Raises `OrderMayNot`."""

    def work() -> StandingOrder:
        locked = lock_order(order.pk)
        if locked.state != OrderState.ACTIVE:
            if locked.state != OrderState.PAUSED:
                raise OrderMayNot
            now = timezone.now()
            _move(locked, OrderState.ACTIVE)
            move_on(locked, locked.rhythm.index_after(now), now=now)
        return locked

    return in_one_transaction(work)


def skip_date(*, order: StandingOrder, index: int) -> StandingOrder:
    """Leave out the next date. `index` is the one the page showed: pressed twice, or late, it
    skips no other. Raises `OrderMayNot`."""

    def work() -> StandingOrder:
        locked = lock_order(order.pk)
        day, due_at = locked.rhythm.day_of(index), locked.rhythm.moment_of(index)
        if day is None or due_at is None:
            raise OrderMayNot
        if locked.runs.filter(due_on=day, state=RunState.SKIPPED).exists():
            return locked
        now = timezone.now()
        if locked.state != OrderState.ACTIVE or locked.next_index != index or due_at <= now:
            raise OrderMayNot
        StandingRun.objects.create(
            order=locked,
            due_on=day,
            due_at=due_at,
            next_try_at=due_at,
            give_up_at=due_at,
            state=RunState.SKIPPED,
            ended_at=now,
        )
        move_on(locked, index + 1, now=now)
        return locked

    return in_one_transaction(work)


def cancel_order(*, order: StandingOrder) -> StandingOrder:
    """End it for good, with a date that is being retried. Cancelling twice is fine. Raises
    `OrderMayNot`."""

    def work() -> StandingOrder:
        locked = lock_order(order.pk)
        if locked.state == OrderState.CANCELLED:
            return locked
        is_over = locked.state == OrderState.FINISHED
        if is_over and not locked.runs.filter(state=RunState.WAITING).exists():
            raise OrderMayNot
        drop_waiting(locked)
        _move(locked, OrderState.CANCELLED)
        locked.next_due_at, locked.ended_at = None, timezone.now()
        locked.save(update_fields=["next_due_at", "ended_at"])
        return locked

    return in_one_transaction(work)


def change_amount(
    *,
    order: StandingOrder,
    amount_text: str,
    raw_payment_password: str,
    session: UserSession | None = None,
) -> StandingOrder:
    """Pay another amount from the next date on; one that is being retried keeps the old one.

    Raises AmountRefused, Wallet..., LimitSingle, OrderMayNot, SecondProofNeeded (a higher amount,
    by the owner's rules; then `change_amount_proved`), and what `check_payment_password` raises,
    whose call needs to be outside any transaction.
    """
    amount = parse_amount(amount_text, order.currency)
    _require_may_change(order, amount.minor)
    check_payment_password(user=order.created_by, raw=raw_payment_password)

    def check(locked: StandingOrder) -> None:
        if amount.minor > locked.amount_minor:
            require_no_proof(ask_of_amount(locked, amount.minor), session)

    try:
        return in_one_transaction(lambda: _set_amount(order.pk, amount.minor, check))
    except SecondProofNeeded:
        ask_for_proof(ask=ask_of_amount(order, amount.minor), session=session)
        raise


def change_amount_proved(
    *, order: StandingOrder, amount_minor: int, session: UserSession | None
) -> StandingOrder:
    """The same after this session has passed the second proof for this amount, which is used up
    with it. Raises `SecondProofOver` without one."""
    _require_may_change(order, amount_minor)

    def check(locked: StandingOrder) -> None:
        use_proof(ask_of_amount(locked, amount_minor), session)
        locked.is_proved = True

    return in_one_transaction(lambda: _set_amount(order.pk, amount_minor, check))


def ask_of_amount(order: StandingOrder, amount_minor: int) -> Ask:
    """What a second proof for another amount of a plan is bound to."""
    return ask_of_order(order, kind="standing_amount", to_minor=amount_minor)


def _require_may_change(order: StandingOrder, amount_minor: int) -> None:
    if not order.is_running:
        raise OrderMayNot
    require_may_pay(order.payer_wallet)
    require_within_single(wallet=order.payer_wallet, amount_minor=amount_minor)


def _set_amount(
    order_id: int, amount_minor: int, check: Callable[[StandingOrder], None]
) -> StandingOrder:
    locked = lock_order(order_id)
    if not locked.is_running:
        raise OrderMayNot
    if locked.amount_minor != amount_minor:
        # Its lock makes plans that are raised at once count each other, and a freeze decide.
        require_may_pay(lock_wallet(locked.payer_wallet_id))
        check(locked)
        locked.amount_minor = amount_minor
        locked.save(update_fields=["amount_minor", "is_proved"])
        _record(locked, "standing_order.changed")
    return locked


def _move(order: StandingOrder, state: OrderState) -> None:
    if state not in ORDER_TRANSITIONS[OrderState(order.state)]:
        raise OrderMayNot
    order.state = state
    order.save(update_fields=["state"])
    _record(order, f"standing_order.{state.value}")


def _record(order: StandingOrder, kind: str) -> None:
    record_event(user=order.created_by, kind=kind, details={"order": str(order.public_id)})
