"""Booking an adjustment. Limits and freezes are the customer's protection against others and do not
hold here: the freeze of a wallet often is why it is adjusted. What a wallet does not hold is never
taken, and no wallet holds more than its class allows.
"""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.users.models import User
from ledger.errors import AccountClosed, BalanceCapExceeded
from ledger.services import AccountHotness, AccountKind, open_account
from ledger.values import Posting
from payments.adjustments.errors import NothingToAdjust, OverCap
from payments.processing.bookkeeping import book_payment
from payments.processing.composing import create_payment
from payments.processing.kinds import Fact, PaymentKind, register
from payments.processing.models import Payment
from payments.processing.services import lock_payment, move_payment
from payments.processing.states import PaymentState
from payments.wallets.models import Wallet
from payments.wallets.services import lock_wallet

ADJUSTMENT = "adjustment"


def book_adjustment(
    *, wallet: Wallet, amount_minor: int, key: UUID, maker: User, checker: User, reason: str
) -> Payment:
    """Give `amount_minor` to a wallet, or take it away when it is negative; once per `key`.

    Joins the transaction of the approval. The customer sees a payment with the reason. Raises
    `NotEnoughMoney`, `OverCap`, `NothingToAdjust`: then nothing was booked.
    """
    if wallet.is_closed or not amount_minor:
        raise NothingToAdjust
    is_gift = amount_minor > 0
    payment = create_payment(
        user=maker,
        kind=ADJUSTMENT,
        payer_wallet=None if is_gift else wallet,
        payee_wallet=wallet if is_gift else None,
        amount_minor=abs(amount_minor),
        currency=wallet.currency,
        compose_key=key,
        note=reason[:100],
        counterparty_label=_bank_name(wallet.owner),
        payer_label=_bank_name(wallet.owner) if is_gift else "",
    )
    with transaction.atomic():
        payment = lock_payment(payment.pk)
        if payment.state != PaymentState.CREATED:
            return payment
        lock_wallet(wallet.pk)
        try:
            book_payment(payment)
        except BalanceCapExceeded:
            raise OverCap from None
        except AccountClosed:
            raise NothingToAdjust from None
        move_payment(payment, PaymentState.PROCESSING, by=checker, reason="approved by two")
        move_payment(payment, PaymentState.SUCCEEDED, by=None, reason="booked")
    return payment


def register_kind() -> None:
    """Called once, when Django has loaded the app."""
    register(
        PaymentKind(
            code=ADJUSTMENT,
            title=_("Adjustment by the bank"),
            check_title=_("Adjustment by the bank"),
            amount_label=_("Amount"),
            confirm_label="%(amount)s",
            done_title=_("Booked"),
            postings=_postings,
            facts=_facts,
            icon="bank",
        )
    )


def _postings(payment: Payment) -> list[Posting]:
    if payment.payee_wallet is not None:
        given = _account("operations:given", AccountKind.EXPENSE, payment.currency)
        return [Posting(given, payment.payee_wallet.ledger_account_id, payment.amount_minor)]
    assert payment.payer_wallet is not None
    taken = _account("operations:taken", AccountKind.INCOME, payment.currency)
    return [Posting(payment.payer_wallet.ledger_account_id, taken, payment.amount_minor)]


def _facts(payment: Payment) -> list[Fact]:
    return []


def _account(code: str, kind: AccountKind, currency: str) -> int:
    return open_account(
        code=f"{code}:{currency}", kind=kind, currency=currency, hotness=AccountHotness.NORMAL
    ).pk


def _bank_name(reader: User) -> str:
    is_english = reader.locale.startswith("en")
    return str(settings.BANK["name_en" if is_english else "name_zh"])
