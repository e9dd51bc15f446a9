"""Cards and top-ups for tests, made through the services only."""

from __future__ import annotations

import uuid
from typing import Any

from stdnum import luhn

from accounts.identity.selectors import full_name
from accounts.users.models import User
from payments.banking.clearing import advance_order
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.services import (
    finish_card_link,
    prepare_top_up,
    prepare_withdrawal,
    start_card_link,
)
from payments.banking.states import OrderKind
from payments.banking.tests.banks import ToldRail
from payments.processing.models import Payment
from payments.processing.services import confirm_payment
from tests.cast import PAYMENT_PASSWORD, read_code
from tests.planted import plant

SESSION = "a-session-of-tests"


def card_number(body: str = "621099000000001") -> str:
    """A card number with a right check digit."""
    number = body + str(luhn.calc_check_digit(body))
    plant("card number", number)
    return number


def link_card(user: User, number: str = "") -> LinkedCard:
    """Link a card with the code from the phone; needs the `phones` fixture."""
    draft = start_card_link(
        user=user,
        number=number or card_number(),
        holder_name=full_name(user),
        session_key=SESSION,
        address="192.0.2.7",
    )
    return finish_card_link(
        draft=draft,
        code=read_code(str(user.phone)),
        session_key=SESSION,
        address="192.0.2.7",
    )


def prepared(user: User, card: LinkedCard, amount_minor: int) -> Payment:
    """A top-up that waits for the payment password."""
    return prepare_top_up(
        user=user,
        card_public_id=str(card.public_id),
        amount_minor=amount_minor,
        compose_key=uuid.uuid4(),
    )


def authorised(user: User, card: LinkedCard, amount_minor: int) -> Payment:
    """A top-up on its way: authorised, its order written, the bank not asked yet."""
    payment = prepared(user, card, amount_minor)
    return confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)


def prepared_withdrawal(user: User, card: LinkedCard, amount_minor: int) -> Payment:
    """A withdrawal that waits for the payment password."""
    return prepare_withdrawal(
        user=user,
        card_public_id=str(card.public_id),
        amount_minor=amount_minor,
        compose_key=uuid.uuid4(),
    )


def withdrawn(user: User, card: LinkedCard, amount_minor: int) -> Payment:
    """A withdrawal on its way: authorised, its money held, the bank not asked yet."""
    payment = prepared_withdrawal(user, card, amount_minor)
    return confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)


def order_of(payment: Payment, kind: str = OrderKind.COLLECT) -> BankOrder:
    """The bank order of a payment."""
    return BankOrder.objects.get(payment=payment, kind=kind)


def make_due(order: BankOrder) -> None:
    """Let the time to ask again come."""
    BankOrder.objects.filter(pk=order.pk).update(next_at=order.created_at)


def advance_fully(payment: Payment, kind: str = OrderKind.COLLECT) -> BankOrder:
    """Ask the bank, twice at most: it settles at once under `quick_bank`."""
    for _turn in range(2):
        order = order_of(payment, kind)
        make_due(order)
        advance_order(order_id=order.pk)
    return order_of(payment, kind)


def hear(order: BankOrder, *says: Any) -> BankOrder:
    """Ask about the order once for each of these answers; needs the rail `banks.TOLD`."""
    for said in says:
        ToldRail.begin(said)
        make_due(order)
        advance_order(order_id=order.pk)
    return BankOrder.objects.get(pk=order.pk)


def quick(settings: Any, **changes: Any) -> None:
    """A sandbox bank that decides at once."""
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "settles_after_seconds": 0, **changes}
