"""Transfers whose time has come. The clock calls this; rows tell what is due."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.utils import timezone

from accounts.security.sweeping import each_due
from ledger.errors import AccountClosed, BalanceCapExceeded
from ledger.services import post_entry
from payments.processing.models import Payment
from payments.processing.retries import in_one_transaction
from payments.processing.services import fail_payment, lock_payment, settle_payment
from payments.processing.states import PaymentState
from payments.transfers.arrival import arriving_postings, list_delays
from payments.transfers.kinds import TRANSFER
from payments.transfers.notices import tell_not_arrived
from payments.wallets.services import lock_wallet

logger = logging.getLogger(__name__)

# Servers differ by less than this.
_CLOCK_SLACK = timedelta(seconds=60)


def settle_due_arrivals() -> int:
    """Let everything arrive whose time has come, earliest first; returns how many ended.

    May run anywhere, often and at once: each is decided under its own row lock, and one that
    another worker holds is left to it. One that cannot be booked stops none behind it.
    """
    _bring_near(timezone.now())
    due = Payment.objects.filter(
        kind=TRANSFER, state=PaymentState.PROCESSING, arrives_at__lte=timezone.now()
    )
    done = 0
    for payment_id in each_due(due, by="arrives_at"):
        try:
            done += settle_arrival(payment_id=payment_id)
        except Exception:
            logger.exception("transfer %s could not arrive", payment_id)
    return done


def _bring_near(now: datetime) -> None:
    """None is further away than its own delay: one that is was confirmed while the clock had
    jumped ahead, and would wait for that time to come again."""
    for delay_seconds in list_delays():
        latest = now + timedelta(seconds=delay_seconds)
        Payment.objects.filter(
            kind=TRANSFER,
            state=PaymentState.PROCESSING,
            delay_seconds=delay_seconds,
            arrives_at__gt=latest + _CLOCK_SLACK,
        ).update(arrives_at=latest)


def settle_arrival(*, payment_id: int) -> bool:
    """Let one transfer arrive if its time has come; whether this call ended it.

    A payer who is frozen or closed at that moment keeps the money, and so does one whose payee
    cannot take it: the payment fails, and what was held is free again, with the limits.
    """

    def work() -> bool:
        mine = Payment.objects.select_for_update(of=("self",), skip_locked=True, no_key=True)
        now = timezone.now()
        if not mine.filter(
            pk=payment_id, state=PaymentState.PROCESSING, arrives_at__lte=now
        ).first():
            return False
        payment = lock_payment(payment_id)
        if code := _what_stands_against(payment):
            _send_back(payment, code)
            return True
        try:
            with transaction.atomic():
                settle_payment(payment_id=payment_id, reason="arrived")
                post_entry(
                    key=f"payment:{payment.public_id}:arrival",
                    event=payment.kind,
                    postings=arriving_postings(payment),
                    note=payment.reference,
                )
        except BalanceCapExceeded:
            _send_back(payment, "limit.balance")
        except AccountClosed:
            _send_back(payment, "payee.closed")
        return True

    return in_one_transaction(work)


def _send_back(payment: Payment, code: str) -> None:
    fail_payment(payment_id=payment.pk, code=code, reason="could not arrive")
    tell_not_arrived(payment, code=code)


def _what_stands_against(payment: Payment) -> str:
    """The failure code of a transfer that must not arrive, under the lock of the payer's wallet:
    who freezes it at this moment is either before or after."""
    assert payment.payer_wallet_id is not None and payment.payee_wallet is not None
    payer = lock_wallet(payment.payer_wallet_id)
    if payer.is_frozen or payer.is_closed or not payer.owner.is_active:
        return "payer.frozen"
    payee = payment.payee_wallet
    return "payee.closed" if payee.is_closed or not payee.owner.is_active else ""
