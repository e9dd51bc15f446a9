"""Preparing a top-up, and sending it to the bank once it is authorised."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.db import transaction

from accounts.users.models import User
from payments.banking.errors import BalanceCapReached, CardGone
from payments.banking.models import BankOrder, LinkedCard, TopUp
from payments.banking.selectors import list_cards, top_up_forecast
from payments.banking.states import OrderKind
from payments.banking.tasks import push_order
from payments.processing.composing import create_payment
from payments.processing.models import Payment
from payments.processing.selectors import is_form_used
from payments.wallets.amounts import amount_text
from payments.wallets.errors import WalletClosed
from payments.wallets.models import Wallet
from payments.wallets.services import lock_wallet, open_wallet

KIND = "top_up"


def prepare_top_up(
    *, user: User, card_public_id: str, amount_minor: int, compose_key: UUID
) -> Payment:
    """Write down a top-up for its check page; the bank is asked only after the payment password.

    `amount_minor` in the wallet's currency. The same `compose_key` with the same content is the
    same payment. Raises CardGone, BalanceCapReached, WalletClosed, and what
    `create_payment` raises.
    """
    card = list_cards(user).filter(public_id=card_public_id).first()
    if card is None:
        raise CardGone
    wallet = open_wallet(user=user)
    if not is_form_used(user, compose_key):
        # A form sent again shows its first result, also when that one took the last of the room.
        _check_room(wallet, amount_minor)
    with transaction.atomic():
        payment = create_payment(
            user=user,
            kind=KIND,
            payer_wallet=None,
            payee_wallet=wallet,
            amount_minor=amount_minor,
            currency=settings.WALLET_CURRENCY,
            compose_key=compose_key,
            counterparty_label=card.label,
            source=str(card.public_id),
        )
        TopUp.objects.get_or_create(payment=payment, defaults={"card": card})
    return payment


def send_to_bank(payment: Payment) -> None:
    """Write the order to the bank into the transaction that authorises the payment.

    Room in the wallet is counted again under the wallet's lock, with every top-up on its way,
    so that two at once cannot share the same room. Raises CardGone, BalanceCapReached,
    WalletClosed.
    """
    assert payment.payee_wallet_id is not None
    wallet = lock_wallet(payment.payee_wallet_id)
    card = (
        LinkedCard.objects.select_for_update(of=("self",), no_key=True)
        .filter(top_ups__payment=payment, owner_id=wallet.owner_id, removed_at=None)
        .first()
    )
    if card is None:
        raise CardGone
    _check_room(wallet, payment.amount_minor)
    order = BankOrder.objects.create(
        reference=f"C{payment.public_id.hex}",
        kind=OrderKind.COLLECT,
        payment=payment,
        card=card,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
    )
    push_order(order.pk)


def _check_room(wallet: Wallet, amount_minor: int) -> None:
    if wallet.is_closed:
        raise WalletClosed
    forecast = top_up_forecast(wallet)
    if forecast.room_minor is None or forecast.cap_minor is None:
        return
    if amount_minor > forecast.room_minor:
        raise BalanceCapReached(
            cap=amount_text(forecast.cap_minor, wallet.currency),
            room=amount_text(forecast.room_minor, wallet.currency),
        )
