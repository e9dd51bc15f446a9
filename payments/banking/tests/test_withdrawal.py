"""From the wallet to the card: held first, paid by the bank, or free again."""

from __future__ import annotations

import uuid
from typing import Any

import pytest

from accounts.users.models import User
from ledger.selectors import get_balance
from payments.banking.books import clearing_account_id, payouts_account_id
from payments.banking.clearing import advance_order
from payments.banking.errors import CardGone
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.services import prepare_withdrawal, remove_card
from payments.banking.states import OrderKind, OrderState
from payments.banking.tests.builders import (
    advance_fully,
    link_card,
    order_of,
    prepared_withdrawal,
    withdrawn,
)
from payments.processing.errors import FormUsedBefore, NotEnoughMoney
from payments.processing.models import Payment
from payments.processing.services import confirm_payment
from payments.processing.states import PaymentState
from payments.wallets.errors import LimitSingle, WalletFrozen
from payments.wallets.selectors import get_wallet_for, limit_state, wallet_balance
from payments.wallets.services import freeze_wallet
from tests.cast import PAYMENT_PASSWORD, prove_the_books, wallet_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


@pytest.fixture
def card(alice: User, phones: Any) -> LinkedCard:
    """alice's card; 500.00 are in her wallet."""
    wallet_with(alice, "500.00")
    return link_card(alice)


def money_of(user: User) -> tuple[int, int]:
    """What the wallet holds, and what of it is free."""
    balance = wallet_balance(get_wallet_for(user))
    return balance.posted_minor, balance.available_minor


@pytest.mark.usefixtures("quick_bank")
def test_the_money_is_held_first_and_leaves_when_the_bank_has_paid(
    alice: User, card: LinkedCard
) -> None:
    payment = withdrawn(alice, card, 120_00)
    assert payment.state == PaymentState.PROCESSING
    assert money_of(alice) == (500_00, 380_00)
    assert advance_fully(payment, OrderKind.PAY_OUT).state == OrderState.SETTLED
    payment.refresh_from_db()
    assert payment.state == PaymentState.SUCCEEDED
    assert money_of(alice) == (380_00, 380_00)
    assert get_balance(clearing_account_id("CNY")).posted_minor == 380_00
    assert get_balance(payouts_account_id("CNY")).posted_minor == 0
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_a_refusal_frees_the_money_and_the_limits_and_says_why(
    alice: User, card: LinkedCard
) -> None:
    payment = withdrawn(alice, card, 10_54)
    assert advance_fully(payment, OrderKind.PAY_OUT).state == OrderState.REFUSED
    payment.refresh_from_db()
    assert (payment.state, payment.failure_code) == (PaymentState.FAILED, "payout.card_closed")
    assert money_of(alice) == (500_00, 500_00)
    assert limit_state(get_wallet_for(alice)).day_used == 0
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_confirming_twice_sends_one_order(alice: User, card: LinkedCard) -> None:
    payment = withdrawn(alice, card, 300_00)
    confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)
    assert BankOrder.objects.count() == 1
    with pytest.raises(NotEnoughMoney):
        prepared_withdrawal(alice, card, 200_01)
    assert advance_order(order_id=order_of(payment, OrderKind.PAY_OUT).pk) is not None
    prove_the_books()


def test_limits_and_a_frozen_wallet_say_no(alice: User, card: LinkedCard) -> None:
    wallet_with(alice, "60000.00")
    with pytest.raises(LimitSingle):
        prepared_withdrawal(alice, card, 50_000_01)
    waiting = prepared_withdrawal(alice, card, 10_00)
    freeze_wallet(wallet=get_wallet_for(alice), by=alice, reason="test")
    with pytest.raises(WalletFrozen):
        confirm_payment(payment=waiting, raw_payment_password=PAYMENT_PASSWORD)
    assert not BankOrder.objects.exists()
    assert money_of(alice) == (60_500_00, 60_500_00)
    prove_the_books()


def test_the_same_form_sent_again_is_the_same_withdrawal(alice: User, card: LinkedCard) -> None:
    key = uuid.uuid4()
    facts: dict[str, Any] = {"user": alice, "card_public_id": str(card.public_id)}
    first = prepare_withdrawal(**facts, amount_minor=10_00, compose_key=key)
    assert prepare_withdrawal(**facts, amount_minor=10_00, compose_key=key) == first
    with pytest.raises(FormUsedBefore):
        prepare_withdrawal(**facts, amount_minor=20_00, compose_key=key)
    assert Payment.objects.count() == 1


def test_a_card_that_is_gone_or_not_ones_own_gets_nothing(
    alice: User, bob: User, card: LinkedCard
) -> None:
    wallet_with(bob, "100.00")
    with pytest.raises(CardGone):
        prepared_withdrawal(bob, card, 10_00)
    waiting = prepared_withdrawal(alice, card, 10_00)
    remove_card(card=card, address="")
    with pytest.raises(CardGone):
        confirm_payment(payment=waiting, raw_payment_password=PAYMENT_PASSWORD)
    assert money_of(alice) == (500_00, 500_00)
    prove_the_books()
