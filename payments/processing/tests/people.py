"""Short cuts of this room's tests: a transfer written down, and one that is paid."""

from __future__ import annotations

from uuid import uuid4

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.services import confirm_payment
from payments.transfers.services import compose_transfer
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import PAYMENT_PASSWORD


def compose(payer: User, payee: User, amount: str = "10.00", note: str = "") -> Payment:
    """A transfer on its check page."""
    return compose_transfer(
        user=payer,
        payee_text=str(payee.phone),
        amount_text=amount,
        note=note,
        compose_key=uuid4(),
    )


def confirm(payment: Payment, raw: str = PAYMENT_PASSWORD) -> Payment:
    """Confirm it, with the right password unless told otherwise; read afresh as a page does."""
    return confirm_payment(
        payment=Payment.objects.select_related("created_by").get(pk=payment.pk),
        raw_payment_password=raw,
    )


def money_of(user: User) -> int:
    """What the person has now, in minor units."""
    return wallet_balance(get_wallet_for(user)).available_minor
