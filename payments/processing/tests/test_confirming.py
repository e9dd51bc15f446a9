"""Confirming a payment: once, after the right password, or not at all."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.utils import timezone

from accounts.payment_password.errors import PaymentPasswordLocked, PaymentPasswordWrong
from accounts.security.errors import Refusal
from accounts.users.models import User
from payments.processing.errors import FormUsedBefore, NotEnoughMoney
from payments.processing.models import Payment
from payments.processing.services import cancel_payment
from payments.processing.states import PaymentState
from payments.processing.tasks import expire_payments
from payments.processing.tests.people import compose, confirm, money_of
from payments.transfers.services import compose_transfer
from payments.wallets.services import freeze_wallet
from tests.cast import OTHER_PAYMENT_PASSWORD, PAYMENT_PASSWORD, prove_the_books, wallet_with

pytestmark = pytest.mark.django_db


def test_a_confirmed_transfer_moves_the_money_and_says_so_for_ever(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)

    payment = confirm(compose(alice, bob, "60.00", "lunch"))

    assert payment.state == PaymentState.SUCCEEDED
    assert (money_of(alice), money_of(bob)) == (40_00, 60_00)
    steps = [(step.from_state, step.to_state, step.by) for step in payment.status_changes.all()]
    assert steps == [
        ("", "created", alice),
        ("created", "processing", alice),
        ("processing", "succeeded", None),
    ]
    prove_the_books()


def test_a_second_confirmation_gives_the_first_result(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob, "60.00")
    confirm(payment)

    again = confirm(payment, raw=OTHER_PAYMENT_PASSWORD)

    assert again.state == PaymentState.SUCCEEDED
    assert money_of(alice) == 40_00
    prove_the_books()


def test_a_stale_copy_of_an_unpaid_payment_cannot_be_paid_twice(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob, "60.00")
    stale = Payment.objects.get(pk=payment.pk)
    confirm(payment)

    from payments.processing.services import confirm_payment

    result = confirm_payment(payment=stale, raw_payment_password=PAYMENT_PASSWORD)

    assert result.state == PaymentState.SUCCEEDED
    assert money_of(alice) == 40_00
    prove_the_books()


def test_a_wrong_payment_password_charges_nothing_and_leaves_the_payment(
    alice: User, bob: User
) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob)

    with pytest.raises(PaymentPasswordWrong) as refusal:
        confirm(payment, raw=OTHER_PAYMENT_PASSWORD)

    assert refusal.value.tries_left == 4
    payment.refresh_from_db()
    assert payment.state == PaymentState.CREATED
    assert money_of(alice) == 100_00
    assert confirm(payment).state == PaymentState.SUCCEEDED
    prove_the_books()


def test_after_five_wrong_tries_the_right_password_is_refused_too(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob)
    for _try in range(4):
        with pytest.raises(PaymentPasswordWrong):
            confirm(payment, raw=OTHER_PAYMENT_PASSWORD)
    with pytest.raises(PaymentPasswordLocked):
        confirm(payment, raw=OTHER_PAYMENT_PASSWORD)

    with pytest.raises(PaymentPasswordLocked):
        confirm(payment)

    assert money_of(alice) == 100_00
    prove_the_books()


def test_money_spent_between_the_steps_is_missed_at_confirmation(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    first, second = compose(alice, bob, "80.00"), compose(alice, bob, "80.00")
    confirm(first)

    with pytest.raises(NotEnoughMoney) as refusal:
        confirm(second)

    assert refusal.value.params == {"due": "¥80.00", "available": "¥20.00", "short": "¥60.00"}
    second.refresh_from_db()
    assert second.state == PaymentState.CREATED
    prove_the_books()


def test_a_payer_frozen_between_the_steps_cannot_pay(alice: User, bob: User) -> None:
    wallet = wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob)
    freeze_wallet(wallet=wallet, by=alice, reason="lost phone")

    with pytest.raises(Refusal) as refusal:
        confirm(payment)

    assert refusal.value.code == "wallet.frozen"
    assert money_of(alice) == 100_00
    prove_the_books()


def test_money_still_arrives_in_a_frozen_wallet(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    freeze_wallet(wallet=wallet_with(bob), by=bob, reason="lost phone")

    assert confirm(compose(alice, bob)).state == PaymentState.SUCCEEDED
    assert money_of(bob) == 10_00
    prove_the_books()


def test_a_payee_closed_between_the_steps_fails_the_payment(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    payee = wallet_with(bob)
    payment = compose(alice, bob)
    payee.closed_at = timezone.now()
    payee.save()

    result = confirm(payment)

    assert (result.state, result.failure_code) == (PaymentState.FAILED, "payee.closed")
    assert money_of(alice) == 100_00
    prove_the_books()


def test_a_form_sent_again_gives_the_first_payment(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    key = uuid4()

    def send(amount: str) -> Payment:
        return compose_transfer(
            user=alice, payee_text=str(bob.phone), amount_text=amount, note="", compose_key=key
        )

    first = send("10.00")

    assert send("10.00").pk == first.pk
    with pytest.raises(FormUsedBefore):
        send("11.00")
    assert Payment.objects.count() == 1


def test_the_same_key_of_another_person_is_another_form(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob, "100.00")
    key = uuid4()
    payments = [
        compose_transfer(
            user=payer, payee_text=str(payee.phone), amount_text="1", note="", compose_key=key
        )
        for payer, payee in ((alice, bob), (bob, alice))
    ]

    assert payments[0].pk != payments[1].pk


def test_an_unpaid_payment_expires_and_can_not_be_paid_then(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    late, swept = compose(alice, bob), compose(alice, bob)

    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert confirm(late).state == PaymentState.EXPIRED
        assert expire_payments() == 1

    swept.refresh_from_db()
    assert swept.state == PaymentState.EXPIRED
    assert money_of(alice) == 100_00
    prove_the_books()


def test_a_cancelled_payment_cannot_be_paid(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob)
    cancel_payment(payment=payment)
    cancel_payment(payment=payment)

    assert confirm(payment).state == PaymentState.CANCELLED
    assert money_of(alice) == 100_00


def test_a_paid_payment_cannot_be_cancelled(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = confirm(compose(alice, bob))

    with pytest.raises(Refusal) as refusal:
        cancel_payment(payment=payment)

    assert refusal.value.code == "payment.state"
    prove_the_books()
