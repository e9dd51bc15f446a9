"""What the books and the payment learn from a bank order's end. Called inside its transaction.

Every booking has a key made of the order, so the same end booked twice is booked once.
"""

from __future__ import annotations

from collections.abc import Callable
from uuid import NAMESPACE_OID, uuid5

from django.db import transaction

from ledger.errors import AccountClosed, BalanceCapExceeded
from ledger.services import post_entry
from ledger.values import Posting
from payments.banking.books import clearing_account_id, payouts_account_id, returns_account_id
from payments.banking.cases.opening import open_case
from payments.banking.cases.states import CaseKind
from payments.banking.models import BankOrder, BankReturn
from payments.banking.reasons import failure_code
from payments.banking.states import OrderKind
from payments.processing.bookkeeping import book_payment
from payments.processing.composing import create_payment
from payments.processing.models import Payment
from payments.processing.services import (
    fail_payment,
    lock_payment,
    move_payment,
    settle_payment,
)
from payments.processing.states import PaymentState
from payments.wallets.limits import return_limits
from payments.wallets.models import Wallet
from payments.wallets.services import lock_wallet

RETURN_KIND = "bank_return"
ADJUSTMENT_KIND = "bank_adjustment"

# What makes a credit impossible now, whoever asks for it.
NO_ROOM = (AccountClosed, BalanceCapExceeded)


class WalletGone(Exception):
    """The wallet has ended for good."""


def book_settled(order: BankOrder) -> None:
    """The bank has moved the money; so do the books."""
    if order.kind == OrderKind.PAY_OUT:
        settle_payment(payment_id=order.payment_id, reason="bank settled")
        _post(order, "withdrawal.paid", debit=payouts_account_id, credit=clearing_account_id)
    elif order.kind == OrderKind.GIVE_BACK:
        _post(order, "top_up.given_back", debit=returns_account_id, credit=clearing_account_id)
    else:
        try:
            with transaction.atomic():
                settle_payment(payment_id=order.payment_id, reason="bank settled")
        except BalanceCapExceeded:
            _give_back(order, code="top_up.balance_cap")
        except AccountClosed:
            _give_back(order, code="top_up.wallet_closed")


def book_refused(order: BankOrder) -> None:
    """A refused order ends the payment and frees what it held. A refused give-back leaves the
    money with us, parked: a case for staff."""
    if order.kind == OrderKind.GIVE_BACK:
        BankReturn.objects.get_or_create(
            order=order, defaults={"reason": order.reason, "is_parked": True}
        )
        open_case(order=order, kind=CaseKind.PARKED, said=order.reason)
        return
    fail_payment(
        payment_id=order.payment_id,
        code=failure_code(order.kind, order.reason),
        params={},
        reason="bank refused",
    )


def book_returned(order: BankOrder, *, reason: str) -> None:
    """Money that was paid out came back: once into the wallet it came from, as a payment of its
    own that its owner sees. A wallet that cannot take it finds it parked, and staff on it."""
    back, is_new = BankReturn.objects.get_or_create(
        order=order,
        defaults={"reason": reason, "is_parked": order.kind == OrderKind.GIVE_BACK},
    )
    if not is_new:
        return
    if not back.is_parked:
        _return_limits(order)
        try:
            with transaction.atomic():
                credit_return(back)
            return
        except (*NO_ROOM, WalletGone):
            back.is_parked = True
            back.save(update_fields=["is_parked"])
    post_entry(
        key=f"bank_return:{order.public_id}",
        event="bank_return.parked",
        postings=[
            Posting(
                debit=clearing_account_id(order.currency),
                credit=returns_account_id(order.currency),
                amount_minor=order.amount_minor,
            )
        ],
    )
    open_case(order=order, kind=CaseKind.PARKED, said=reason)


def credit_return(back: BankReturn) -> Payment:
    """Credit the wallet with what came back. Raises `NO_ROOM` errors and WalletGone."""
    order = back.order
    payment = _compose(order, kind=RETURN_KIND, name="return", wallet_is="payee")
    back.payment = payment
    back.save(update_fields=["payment"])
    return _carry_out(payment, reason=f"bank returned {order.reference}")


def book_adjustment(order: BankOrder, *, case_key: str, wallet_is: str) -> Payment:
    """Credit ("payee") or debit ("payer") the wallet because the bank changed its final answer.

    A payment of its own, which its owner sees. Raises `NO_ROOM` errors, WalletGone and
    NotEnoughMoney.
    """
    payment = _compose(order, kind=ADJUSTMENT_KIND, name=case_key, wallet_is=wallet_is)
    return _carry_out(payment, reason=f"corrected after {order.reference}")


def book_paid_by_hand(order: BankOrder) -> None:
    """Parked money left through the bank by hand."""
    post_entry(
        key=f"bank_return:{order.public_id}:paid",
        event="bank_return.paid_by_hand",
        postings=[
            Posting(
                debit=returns_account_id(order.currency),
                credit=clearing_account_id(order.currency),
                amount_minor=order.amount_minor,
            )
        ],
    )


def own_wallet(payment: Payment) -> Wallet:
    """The customer's wallet of a top-up or a withdrawal."""
    wallet = payment.payer_wallet or payment.payee_wallet
    assert wallet is not None
    return wallet


def _give_back(order: BankOrder, *, code: str) -> None:
    """The bank paid and the wallet cannot take it: park the money in a liability account, say so
    on the payment, and order the bank to give it back. Nothing is lost in between."""
    _post(order, "top_up.parked", debit=clearing_account_id, credit=returns_account_id)
    fail_payment(payment_id=order.payment_id, code=code, params={}, reason="given back to the card")
    BankOrder.objects.create(
        reference=f"R{order.payment.public_id.hex}",
        kind=OrderKind.GIVE_BACK,
        payment_id=order.payment_id,
        card_id=order.card_id,
        amount_minor=order.amount_minor,
        currency=order.currency,
    )


def _post(
    order: BankOrder, event: str, *, debit: Callable[[str], int], credit: Callable[[str], int]
) -> None:
    post_entry(
        key=f"bank_order:{order.public_id}",
        event=event,
        postings=[
            Posting(
                debit=debit(order.currency),
                credit=credit(order.currency),
                amount_minor=order.amount_minor,
            )
        ],
    )


def _return_limits(order: BankOrder) -> None:
    """The withdrawal did not reach anybody after all: it uses up no limit."""
    payment = order.payment
    if payment.payer_wallet_id is not None and payment.confirmed_at is not None:
        return_limits(
            wallet=lock_wallet(payment.payer_wallet_id),
            amount_minor=payment.amount_minor,
            used_at=payment.confirmed_at,
        )


def _compose(order: BankOrder, *, kind: str, name: str, wallet_is: str) -> Payment:
    """A payment that nobody types: its key is made of the order, so there is one of it."""
    first = order.payment
    wallet = own_wallet(first)
    return create_payment(
        user=first.created_by,
        kind=kind,
        payer_wallet=wallet if wallet_is == "payer" else None,
        payee_wallet=wallet if wallet_is == "payee" else None,
        amount_minor=order.amount_minor,
        currency=order.currency,
        compose_key=uuid5(NAMESPACE_OID, f"{order.public_id}:{name}"),
        counterparty_label=first.counterparty_label,
        source=order.reference,
    )


def _carry_out(payment: Payment, *, reason: str) -> Payment:
    locked = lock_payment(payment.pk)
    if locked.state != PaymentState.CREATED:
        return locked
    if own_wallet(locked).is_closed:
        raise WalletGone
    move_payment(locked, PaymentState.PROCESSING, by=None, reason=reason)
    book_payment(locked)
    move_payment(locked, PaymentState.SUCCEEDED, by=None, reason="booked")
    return locked
