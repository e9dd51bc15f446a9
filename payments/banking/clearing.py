"""Carrying out bank orders: claim, ask the bank, write its answer down. The tasks call this.

Three separate steps, because the bank is asked outside every transaction. Whatever dies in
between leaves a row that the sweep finds again; a second submission carries the same reference,
and a second answer finds the order finished.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.db import transaction
from django.db.models import F
from django.utils import timezone

from accounts.identity.selectors import full_name
from accounts.identity.vault import decrypt
from ledger.errors import AccountClosed, BalanceCapExceeded
from ledger.services import post_entry
from ledger.values import Posting
from payments.banking.banks import CLEARING_CODE_BY_BIN
from payments.banking.books import clearing_account_id, payouts_account_id, returns_account_id
from payments.banking.models import BankOrder
from payments.banking.rails import get_rail
from payments.banking.rails.base import Answer, Instruction, NoAnswerError, Outcome
from payments.banking.reasons import failure_code
from payments.banking.states import OPEN_STATES, TRANSITIONS, OrderKind, OrderState
from payments.processing.retries import in_one_transaction
from payments.processing.services import fail_payment, settle_payment

logger = logging.getLogger(__name__)

# Longer than any rail may take to answer; a worker that died loses its claim after this.
CLAIM_SECONDS = 60
# Age of the order -> how long to wait before asking again, in seconds.
ASK_AGAIN = ((60, 5), (30 * 60, 30), (24 * 3600, 300))
ASK_AGAIN_LATER = 3600


def advance_order(*, order_id: int) -> BankOrder | None:
    """Take an order one step further; None when it is not its time or another worker has it."""
    order = _claim(order_id)
    if order is None:
        return None
    answer = _ask(order)
    return in_one_transaction(lambda: _write_down(order_id, answer))


def _claim(order_id: int) -> BankOrder | None:
    """Take the order for CLAIM_SECONDS. The row count of one UPDATE decides between workers."""
    now = timezone.now()
    claimed = BankOrder.objects.filter(
        pk=order_id, state__in=OPEN_STATES, next_at__lte=now, claimed_until__lte=now
    ).update(claimed_until=now + timedelta(seconds=CLAIM_SECONDS), attempts=F("attempts") + 1)
    if not claimed:
        return None
    return BankOrder.objects.select_related("card__owner").get(pk=order_id)


def _ask(order: BankOrder) -> Answer | None:
    """Ask the bank; None when it gives no answer. Outside every transaction."""
    rail = get_rail()
    try:
        if order.state == OrderState.SENT:
            answer = rail.poll(order.reference)
            if answer.outcome is not Outcome.NOT_FOUND:
                return answer
        return rail.submit(_instruction(order))
    except NoAnswerError:
        logger.warning("bank order %s: no answer", order.reference)
    except Exception:
        # Whatever a rail trips over, the order stays open and is asked about again.
        logger.exception("bank order %s: the rail failed", order.reference)
    return None


def _instruction(order: BankOrder) -> Instruction:
    return Instruction(
        reference=order.reference,
        direction=order.kind,
        card_number=decrypt(order.card.number_token),
        amount_minor=order.amount_minor,
        currency=order.currency,
        payee_name=full_name(order.card.owner),
        clearing_code=CLEARING_CODE_BY_BIN.get(order.card.bank_bin, ""),
    )


def _write_down(order_id: int, answer: Answer | None) -> BankOrder:
    """Write the answer and everything that follows from it; inside one durable transaction."""
    order = BankOrder.objects.select_for_update(no_key=True).get(pk=order_id)
    if order.state not in OPEN_STATES:
        return order
    now = timezone.now()
    order.sent_at = order.sent_at or now
    order.claimed_until = now
    if answer is not None and answer.bank_reference:
        order.bank_reference = answer.bank_reference
    if answer is None or answer.outcome in (Outcome.PENDING, Outcome.NOT_FOUND):
        _move(order, OrderState.SENT)
        order.next_at = now + timedelta(seconds=_wait_seconds(order.created_at, now))
    elif answer.outcome is Outcome.SETTLED:
        _finish(order, OrderState.SETTLED, now)
        _book_settled(order)
    else:
        order.reason = answer.reason
        _finish(order, OrderState.REFUSED, now)
        _book_refused(order)
    order.save()
    return order


def _move(order: BankOrder, state: OrderState) -> None:
    if state not in TRANSITIONS[OrderState(order.state)]:
        raise ValueError(f"{order.state} -> {state} is not a way for a bank order")
    order.state = state


def _finish(order: BankOrder, state: OrderState, now: datetime) -> None:
    _move(order, state)
    order.finished_at = now


def _wait_seconds(created_at: datetime, now: datetime) -> int:
    age = (now - created_at).total_seconds()
    return next((wait for limit, wait in ASK_AGAIN if age < limit), ASK_AGAIN_LATER)


def _book_settled(order: BankOrder) -> None:
    """The bank has moved the money; so do the books."""
    if order.kind == OrderKind.PAY_OUT:
        settle_payment(payment_id=order.payment_id, reason="bank settled")
        post_entry(
            key=f"bank_order:{order.public_id}",
            event="withdrawal.paid",
            postings=[
                Posting(
                    debit=payouts_account_id(order.currency),
                    credit=clearing_account_id(order.currency),
                    amount_minor=order.amount_minor,
                )
            ],
        )
        return
    if order.kind == OrderKind.GIVE_BACK:
        post_entry(
            key=f"bank_order:{order.public_id}",
            event="top_up.given_back",
            postings=[
                Posting(
                    debit=returns_account_id(order.currency),
                    credit=clearing_account_id(order.currency),
                    amount_minor=order.amount_minor,
                )
            ],
        )
        return
    try:
        with transaction.atomic():
            settle_payment(payment_id=order.payment_id, reason="bank settled")
    except BalanceCapExceeded:
        _return_money(order, code="top_up.balance_cap")
    except AccountClosed:
        _return_money(order, code="top_up.wallet_closed")


def _return_money(order: BankOrder, *, code: str) -> None:
    """The bank paid and the wallet cannot take it: park the money in a liability account, say so
    on the payment, and order the bank to give it back. Nothing is lost in between."""
    post_entry(
        key=f"bank_order:{order.public_id}",
        event="top_up.parked",
        postings=[
            Posting(
                debit=clearing_account_id(order.currency),
                credit=returns_account_id(order.currency),
                amount_minor=order.amount_minor,
            )
        ],
    )
    fail_payment(
        payment_id=order.payment_id,
        code=code,
        params={},
        reason="given back to the card",
    )
    BankOrder.objects.create(
        reference=f"R{order.payment.public_id.hex}",
        kind=OrderKind.GIVE_BACK,
        payment_id=order.payment_id,
        card_id=order.card_id,
        amount_minor=order.amount_minor,
        currency=order.currency,
    )


def _book_refused(order: BankOrder) -> None:
    """A refused collection ends the payment. A refused return stays with us, in the returns
    account, and is a case for staff: the admin lists it."""
    if order.kind == OrderKind.GIVE_BACK:
        logger.error("bank order %s: the return was refused", order.reference)
        return
    fail_payment(
        payment_id=order.payment_id,
        code=failure_code(order.kind, order.reason),
        params={},
        reason="bank refused",
    )
