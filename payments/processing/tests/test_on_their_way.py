"""Payments that reserve first and end later: arrived, failed, or stopped by the payer."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from uuid import uuid4

import pytest
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from ledger.models import Hold
from payments.processing import kinds
from payments.processing.bookkeeping import hold_payment
from payments.processing.composing import create_payment
from payments.processing.errors import NotEnoughMoney, PaymentMayNot
from payments.processing.models import Payment
from payments.processing.services import (
    confirm_authorised,
    fail_payment,
    settle_payment,
    stop_payment,
)
from payments.processing.states import PaymentState
from payments.processing.tests.people import confirm, money_of
from payments.wallets.selectors import get_wallet_for, limit_state, wallet_balance
from tests.cast import prove_the_books, wallet_with
from tests.race import all_at_once

pytestmark = pytest.mark.django_db

SLOW = "slow"


@pytest.fixture(autouse=True)
def slow_kind() -> Iterator[None]:
    """A transfer that waits for something outside, and may be stopped until then."""
    kinds.register(
        replace(
            kinds.get_kind("transfer"),
            code=SLOW,
            begin=hold_payment,
            waits=lambda payment: True,
            may_stop=lambda payment: True,
        )
    )
    yield
    del kinds._KINDS[SLOW]


def compose(payer: User, payee: User, amount_minor: int) -> Payment:
    return create_payment(
        user=payer,
        kind=SLOW,
        payer_wallet=get_wallet_for(payer),
        payee_wallet=get_wallet_for(payee),
        amount_minor=amount_minor,
        currency="CNY",
        compose_key=uuid4(),
    )


def on_its_way(payer: User, payee: User, amount_minor: int = 60_00) -> Payment:
    payment = confirm(compose(payer, payee, amount_minor))
    assert payment.state == PaymentState.PROCESSING
    return payment


@pytest.fixture
def payer(alice: User, bob: User) -> User:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    return alice


def test_what_is_on_its_way_is_reserved_and_not_yet_there(payer: User, bob: User) -> None:
    on_its_way(payer, bob)
    balance = wallet_balance(get_wallet_for(payer))
    assert (balance.posted_minor, balance.available_minor) == (100_00, 40_00)
    assert money_of(bob) == 0
    with pytest.raises(NotEnoughMoney):
        confirm(compose(payer, bob, 50_00))
    prove_the_books()


def test_it_arrives_once_however_often_it_is_settled(payer: User, bob: User) -> None:
    payment = on_its_way(payer, bob)
    for _again in range(2):
        assert settle_payment(payment_id=payment.pk).state == PaymentState.SUCCEEDED
    assert (money_of(payer), money_of(bob)) == (40_00, 60_00)
    with pytest.raises(PaymentMayNot):
        stop_payment(payment_id=payment.pk, by=payer, reason="too late")
    prove_the_books()


@pytest.mark.parametrize("how", ["failed", "stopped"])
def test_what_does_not_arrive_is_free_again_with_the_limits(
    payer: User, bob: User, how: str
) -> None:
    payment = on_its_way(payer, bob)
    for _again in range(2):
        if how == "failed":
            fail_payment(payment_id=payment.pk, code="payee.closed")
        else:
            stop_payment(payment_id=payment.pk, by=payer, reason="stopped by payer")
    with pytest.raises(PaymentMayNot):
        settle_payment(payment_id=payment.pk)
    state = limit_state(get_wallet_for(payer))
    assert (state.day_used, state.day_count_used, money_of(payer)) == (0, 0, 100_00)
    prove_the_books()


def test_a_payee_without_room_is_a_failure_that_reserves_nothing(payer: User, bob: User) -> None:
    wallet_with(bob, "19990.00")
    payment = confirm(compose(payer, bob, 60_00))
    assert (payment.state, payment.failure_code) == (PaymentState.FAILED, "limit.balance")
    assert money_of(payer) == 100_00
    assert not Hold.objects.exists()
    prove_the_books()


def test_a_plan_confirms_without_the_password_and_with_every_check(payer: User, bob: User) -> None:
    first = confirm_authorised(payment_id=compose(payer, bob, 60_00).pk, reason="standing order 1")
    assert first.state == PaymentState.PROCESSING
    assert first.status_changes.get(to_state="processing").reason == "standing order 1"
    with pytest.raises(NotEnoughMoney):
        confirm_authorised(payment_id=compose(payer, bob, 60_00).pk, reason="standing order 2")
    prove_the_books()


def test_the_payer_stops_it_on_its_page_and_nobody_else_can(
    client: Client, payer: User, bob: User
) -> None:
    payment = on_its_way(payer, bob)
    stop = reverse("processing:stop", args=[payment.public_id])
    page = reverse("processing:result", args=[payment.public_id])
    client.force_login(bob)
    assert client.post(stop).status_code == 404
    client.force_login(payer)
    assert stop in client.get(page).content.decode()
    assert client.get(stop).status_code == 405
    assert client.post(stop).url == page  # type: ignore[attr-defined]
    assert "100.00" in client.get(reverse("records:home")).content.decode()
    assert Payment.objects.get(pk=payment.pk).state == PaymentState.CANCELLED
    prove_the_books()


@pytest.mark.django_db(transaction=True)
def test_stopped_and_settled_at_once_is_one_of_the_two(payer: User, bob: User) -> None:
    payment = on_its_way(payer, bob)

    def act(number: int) -> str:
        try:
            if number % 2:
                return stop_payment(payment_id=payment.pk, by=payer, reason="race").state
            return settle_payment(payment_id=payment.pk).state
        except PaymentMayNot as refusal:
            return refusal.state

    ends = set(all_at_once(8, act))
    assert len(ends) == 1
    end = ends.pop()
    expected = (100_00, 0) if end == PaymentState.CANCELLED else (40_00, 60_00)
    assert (money_of(payer), money_of(bob)) == expected
    prove_the_books()
