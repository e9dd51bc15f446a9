"""Payments for tests, made as people make them."""

from __future__ import annotations

import uuid

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.services import confirm_payment
from payments.transfers.services import compose_transfer
from tests.cast import PAYMENT_PASSWORD


def composed(payer: User, payee: User, amount: str, note: str = "") -> Payment:
    """A transfer that waits for the payment password."""
    return compose_transfer(
        user=payer,
        payee_text=str(payee.phone),
        amount_text=amount,
        note=note,
        compose_key=uuid.uuid4(),
    )


def sent(payer: User, payee: User, amount: str, note: str = "") -> Payment:
    """A transfer that has arrived."""
    payment = composed(payer, payee, amount, note)
    return confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)
