"""Workers and owners at the same moment: threads, each with its own connection, on either
database."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tests.people import money_of
from payments.transfers.standing_orders.changing import cancel_order, pause_order, skip_date
from payments.transfers.standing_orders.composing import authorise_order
from payments.transfers.standing_orders.errors import OrderMayNot
from payments.transfers.standing_orders.models import StandingOrder, StandingRun
from payments.transfers.standing_orders.running import run_standing_orders
from payments.transfers.standing_orders.tests.orders import NOW, compose, in_force
from tests.cast import PAYMENT_PASSWORD, prove_the_books, wallet_with
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db(transaction=True)

DUE = NOW + timedelta(days=11)


@pytest.fixture
def payer(alice: User, bob: User) -> User:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    return alice


def test_six_sweeps_at_once_pay_every_date_once(payer: User, bob: User) -> None:
    with time_machine.travel(NOW, tick=False):
        orders = [in_force(payer, bob) for _ in range(6)]
    with time_machine.travel(DUE, tick=False):
        all_at_once(6, lambda _number: run_standing_orders())
        run_standing_orders()
    assert money_of(bob) == 60_00
    assert Payment.objects.count() == StandingRun.objects.filter(state="paid").count() == 6
    assert {order.runs.get().tries for order in orders} == {1}
    prove_the_books()


def test_sweeps_without_enough_money_count_one_try_each(payer: User, bob: User) -> None:
    with time_machine.travel(NOW, tick=False):
        order = in_force(payer, bob, amount="150.00")
    with time_machine.travel(DUE, tick=False):
        all_at_once(6, lambda _number: run_standing_orders())
    run = order.runs.get()
    assert (run.state, run.tries, run.reason) == ("waiting", 1, "balance.short")
    assert money_of(payer) == 100_00
    prove_the_books()


@pytest.mark.parametrize("act", ["cancel", "pause", "skip"])
def test_stopped_and_run_at_once_is_one_of_the_two(payer: User, bob: User, act: str) -> None:
    with time_machine.travel(NOW, tick=False):
        order = in_force(payer, bob)

    def stop() -> None:
        if act == "cancel":
            cancel_order(order=order)
        elif act == "pause":
            pause_order(order=order)
        else:
            skip_date(order=order, index=0)

    def run(number: int) -> str:
        if number:
            run_standing_orders()
            return ""
        try:
            stop()
        except OrderMayNot:
            return "too late"
        return "stopped"

    with time_machine.travel(DUE, tick=False):
        all_at_once(4, run)
        run_standing_orders()
    states = set(order.runs.values_list("state", flat=True))
    assert states in ({"paid"}, {"skipped"}, set())
    assert money_of(bob) == (10_00 if states == {"paid"} else 0)
    prove_the_books()


def test_an_order_authorised_many_times_at_once_is_in_force_once(
    payer: User, bob: User, settings: Any
) -> None:
    settings.STANDING_ORDERS = settings.STANDING_ORDERS | {"most": 2}
    with time_machine.travel(NOW, tick=False):
        one, two, three = (compose(payer, bob) for _ in range(3))

        def authorise(number: int) -> StandingOrder:
            order = (one, two, three)[number % 3]
            return authorise_order(order=order, raw_payment_password=PAYMENT_PASSWORD)

        found = codes_of(all_at_once(9, authorise))
    assert StandingOrder.objects.filter(state="active").count() == 2
    assert found == {"": 6, "standing.most": 3}
