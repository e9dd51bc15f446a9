"""Preparing a withdrawal, and sending it to the bank once it is authorised."""

from __future__ import annotations

from uuid import UUID

from django.db import transaction

from accounts.users.models import User
from payments.banking.errors import CardGone
from payments.banking.models import BankOrder, LinkedCard, Withdrawal
from payments.banking.selectors import list_cards
from payments.banking.states import OrderKind
from payments.banking.tasks import push_order
from payments.processing.bookkeeping import hold_payment, require_enough
from payments.processing.composing import create_payment
from payments.processing.models import Payment
from payments.processing.selectors import is_form_used
from payments.wallets.limits import require_within_limits
from payments.wallets.services import open_wallet, require_may_pay

KIND = "withdrawal"


def prepare_withdrawal(
    *, user: User, card_public_id: str, amount_minor: int, compose_key: UUID
) -> Payment:
    """Write down a withdrawal for its check page; nothing moves before the payment password.

    `amount_minor` in the wallet's currency. The same `compose_key` with the same content is the
    same payment. Raises CardGone, Wallet..., Limit..., NotEnoughMoney, and what `create_payment`
    raises.
    """
    card = list_cards(user).filter(public_id=card_public_id).first()
    if card is None:
        raise CardGone
    wallet = open_wallet(user=user)
    if not is_form_used(user, compose_key):
        # Only to spare a walk in vain: confirming decides.
        require_may_pay(wallet)
        require_within_limits(wallet=wallet, amount_minor=amount_minor)
        require_enough(wallet=wallet, amount_minor=amount_minor)
    with transaction.atomic():
        payment = create_payment(
            user=user,
            kind=KIND,
            payer_wallet=wallet,
            payee_wallet=None,
            amount_minor=amount_minor,
            currency=wallet.currency,
            compose_key=compose_key,
            counterparty_label=card.label,
            source=str(card.public_id),
        )
        Withdrawal.objects.get_or_create(payment=payment, defaults={"card": card})
    return payment


def send_out(payment: Payment) -> None:
    """Hold the money and write the order to the bank, in the transaction that authorises the
    payment. The bank's answer captures the hold or frees it (`clearing`).

    Raises CardGone, NotEnoughMoney.
    """
    card = (
        LinkedCard.objects.select_for_update(of=("self",), no_key=True)
        .filter(withdrawals__payment=payment, owner_id=payment.created_by_id, removed_at=None)
        .first()
    )
    if card is None:
        raise CardGone
    hold_payment(payment)
    order = BankOrder.objects.create(
        reference=f"W{payment.public_id.hex}",
        kind=OrderKind.PAY_OUT,
        payment=payment,
        card=card,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
    )
    push_order(order.pk)
