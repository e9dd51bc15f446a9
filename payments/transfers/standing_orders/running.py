"""Paying the dates that have come. Each step is a transaction of its own, and a worker may die
between any two: the row still waits, the payment's key is made of order and date, and confirming
a payment twice is one payment."""

from __future__ import annotations

import logging
from datetime import timedelta
from uuid import UUID, uuid5

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.security.errors import Refusal
from accounts.security.sweeping import each_due
from payments.processing.composing import create_payment
from payments.processing.errors import PaymentMayNot
from payments.processing.models import Payment
from payments.processing.retries import in_one_transaction
from payments.processing.services import (
    confirm_authorised,
    lock_payment,
    move_payment,
)
from payments.processing.states import PaymentState
from payments.transfers.kinds import TRANSFER
from payments.transfers.standing_orders.composing import lock_order
from payments.transfers.standing_orders.models import StandingOrder, StandingRun
from payments.transfers.standing_orders.planning import plan_due_dates, tell_run
from payments.transfers.standing_orders.states import OrderState, RunState

logger = logging.getLogger(__name__)

# A worker that took a date has this long; then another may take it.
_LEASE = timedelta(seconds=60)


def run_standing_orders() -> int:
    """Plan what has come and pay what waits, earliest first; returns how many dates were tried."""
    plan_due_dates()
    now = timezone.now()
    waiting = StandingRun.objects.filter(
        state=RunState.WAITING, next_try_at__lte=now, due_at__lte=now
    )
    done = 0
    for run_id in each_due(waiting, by="next_try_at"):
        try:
            done += carry_out(run_id=run_id)
        except Exception:
            # One that cannot be paid stops none behind it; its lease runs out and it is retried.
            logger.exception("date %s of a standing order could not be carried out", run_id)
    return done


def carry_out(*, run_id: int) -> bool:
    """Try to pay one date if it is due; whether it was tried."""
    payment = in_one_transaction(lambda: _take(run_id))
    if payment is None:
        return False
    try:
        payment = confirm_authorised(payment_id=payment.pk, reason=f"standing order, date {run_id}")
    except Refusal as refusal:
        code = refusal.code
        in_one_transaction(lambda: _put_off(run_id, code))
    else:
        ended = payment
        in_one_transaction(lambda: _end(run_id, ended))
    return True


def drop_waiting(order: StandingOrder) -> None:
    """Give up the dates that still wait to be paid, because the owner says so; one that is paid
    in this moment stays paid. Under the order's lock."""
    for run in order.runs.select_for_update(no_key=True).filter(state=RunState.WAITING):
        if run.payment_id is not None:
            payment = lock_payment(run.payment_id)
            if payment.state != PaymentState.CREATED:
                continue  # its worker notes how it ended
            move_payment(
                payment, PaymentState.CANCELLED, by=order.created_by, reason="order stopped"
            )
        _finish(run, RunState.SKIPPED, reason="standing.stopped")


def _take(run_id: int) -> Payment | None:
    """The payment of this date, under a lease, or None when there is nothing to do."""
    found = StandingRun.objects.filter(pk=run_id, state=RunState.WAITING).first()
    if found is None:
        return None
    order = lock_order(found.order_id)
    now = timezone.now()
    # Of two workers, the one whose UPDATE finds it due.
    is_mine = StandingRun.objects.filter(
        pk=run_id, state=RunState.WAITING, next_try_at__lte=now, due_at__lte=now
    ).update(next_try_at=now + _LEASE, tries=F("tries") + 1)
    if not is_mine:
        return None
    run = StandingRun.objects.get(pk=run_id)
    if now - run.due_at > timedelta(seconds=settings.STANDING_ORDERS["late_seconds"]):
        run.order = order
        _give_up(run, run.reason or "standing.missed")
        return None
    if run.payment is not None:
        return run.payment
    if order.state not in (OrderState.ACTIVE, OrderState.FINISHED):
        _finish(run, RunState.SKIPPED, reason="standing.stopped")
        return None
    payment = create_payment(
        user=order.created_by,
        kind=TRANSFER,
        payer_wallet=order.payer_wallet,
        payee_wallet=order.payee_wallet,
        amount_minor=order.amount_minor,
        currency=order.currency,
        compose_key=payment_key(order.public_id, run),
        note=order.note,
        counterparty_label=order.counterparty_label,
        payer_label=order.payer_label,
        payee_typed=order.payee_typed,
        is_proved=order.is_proved,
        source=f"standing order {order.pk}, {run.due_on.isoformat()}",
        ttl_seconds=_seconds_to_live(run),
    )
    StandingRun.objects.filter(pk=run.pk).update(payment=payment)
    return payment


def payment_key(order_id: UUID, run: StandingRun) -> UUID:
    """The key under which the payment of this date can exist once."""
    return uuid5(order_id, run.due_on.isoformat())


def _seconds_to_live(run: StandingRun) -> int:
    """Until some time after the last try: a payment ends when its date does, not by itself."""
    left = run.give_up_at - timezone.now()
    return max(int(left.total_seconds()), 0) + 86_400


def _put_off(run_id: int, code: str) -> None:
    """It was refused: once more later the same day, or not any more."""
    run = _lock_waiting(run_id)
    if run is None:
        return
    now = timezone.now()
    next_try_at = now + timedelta(seconds=settings.STANDING_ORDERS["retry_seconds"])
    if next_try_at < run.give_up_at and code != "wallet.closed":
        StandingRun.objects.filter(pk=run_id).update(next_try_at=next_try_at, reason=code[:60])
        return
    _give_up(run, code)


def _give_up(run: StandingRun, code: str) -> None:
    """No further try: end the payment too, unless it has ended already, by the owner's hand or
    before its worker died."""
    if run.payment_id is not None:
        payment = lock_payment(run.payment_id)
        if payment.state != PaymentState.CREATED:
            _note(run, payment)
            return
        move_payment(payment, PaymentState.EXPIRED, by=None, reason=f"not paid: {code}")
    _fail(run, code)


def _end(run_id: int, payment: Payment) -> None:
    run = _lock_waiting(run_id)
    if run is not None:
        _note(run, payment)


def _note(run: StandingRun, payment: Payment) -> None:
    """Write down how the payment of this date ended."""
    if payment.state == PaymentState.SUCCEEDED:
        _finish(run, RunState.PAID, reason="")
    elif payment.state == PaymentState.FAILED:
        _fail(run, payment.failure_code)
    elif payment.state in (PaymentState.CANCELLED, PaymentState.EXPIRED):
        code = "standing.stopped" if payment.state == PaymentState.CANCELLED else "standing.missed"
        _fail(run, code)
    else:
        raise PaymentMayNot(state=payment.state)


def _fail(run: StandingRun, code: str) -> None:
    _finish(run, RunState.FAILED, reason=code)
    order = run.order
    tell_run(run, order)
    if order.payer_wallet.is_closed or order.payee_wallet.is_closed:
        # A closed wallet never opens again: nothing this order could still do.
        StandingOrder.objects.filter(
            pk=order.pk, state__in=(OrderState.ACTIVE, OrderState.PAUSED)
        ).update(state=OrderState.FINISHED, next_due_at=None, ended_at=timezone.now())


def _finish(run: StandingRun, state: RunState, *, reason: str) -> None:
    run.state, run.reason, run.ended_at = state, reason[:60], timezone.now()
    run.save(update_fields=["state", "reason", "ended_at"])


def _lock_waiting(run_id: int) -> StandingRun | None:
    """The date under its order's lock, then its own: the order in which everybody takes them."""
    found = StandingRun.objects.get(pk=run_id)
    order = lock_order(found.order_id)
    rows = StandingRun.objects.select_for_update(no_key=True).filter(
        pk=run_id, state=RunState.WAITING
    )
    run = rows.first()
    if run is not None:
        run.order = order
    return run
