"""Dates come, are paid once, tried again, given up; whatever the clock and the workers do."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tests.people import confirm, money_of
from payments.transfers.models import TransferNotice
from payments.transfers.standing_orders import planning, running
from payments.transfers.standing_orders.changing import cancel_order
from payments.transfers.standing_orders.models import StandingRun
from payments.transfers.standing_orders.planning import plan_due_dates
from payments.transfers.standing_orders.running import run_standing_orders
from payments.transfers.standing_orders.tests.orders import NOW, in_force, runs_of
from payments.wallets.selectors import get_wallet_for
from payments.wallets.services import freeze_wallet, unfreeze_wallet
from tests.cast import fund, prove_the_books, wallet_with

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def payer(clock: time_machine.Traveller, alice: User, bob: User) -> User:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    return alice


def shanghai(text: str) -> datetime:
    return datetime.fromisoformat(f"{text}+08:00").astimezone(UTC)


def sweep_at(clock: time_machine.Traveller, text: str) -> int:
    clock.move_to(shanghai(text))
    return run_standing_orders()


def test_each_month_is_paid_once_on_its_day(
    clock: time_machine.Traveller, payer: User, bob: User
) -> None:
    order = in_force(payer, bob, times=3)
    assert sweep_at(clock, "2027-01-31T08:59:59") == 0
    for moment, paid in (
        ("2027-01-31T09:00:00", 10_00),
        ("2027-02-28T08:59:00", 10_00),
        ("2027-02-28T09:00:05", 20_00),
        ("2027-03-31T09:00:00", 30_00),
        ("2027-04-30T09:00:00", 30_00),
    ):
        for _again in range(2):
            sweep_at(clock, moment)
        assert money_of(bob) == paid
    order.refresh_from_db()
    assert order.state == "finished"
    assert [(day, state) for day, state, _why in runs_of(order)] == [
        ("2027-01-31", "paid"),
        ("2027-02-28", "paid"),
        ("2027-03-31", "paid"),
    ]
    assert Payment.objects.filter(state="succeeded").count() == 3
    prove_the_books()


def test_the_owners_zone_decides_over_summer_time(
    clock: time_machine.Traveller, payer: User, bob: User
) -> None:
    payer.time_zone = "America/New_York"
    payer.save()
    in_force(payer, bob, "weekly", "2027-03-07", "09:00")
    clock.move_to(datetime(2027, 3, 7, 14, 0, tzinfo=UTC))
    run_standing_orders()
    assert money_of(bob) == 10_00
    # Summer time began on the 14th: nine o'clock is an hour earlier in UTC.
    clock.move_to(datetime(2027, 3, 14, 12, 59, tzinfo=UTC))
    run_standing_orders()
    assert money_of(bob) == 10_00
    clock.move_to(datetime(2027, 3, 14, 13, 0, tzinfo=UTC))
    run_standing_orders()
    assert money_of(bob) == 20_00
    prove_the_books()


def test_without_money_it_is_tried_again_the_same_day_and_then_paid(
    clock: time_machine.Traveller, client: Client, payer: User, bob: User
) -> None:
    order = in_force(payer, bob, amount="150.00")
    sweep_at(clock, "2027-01-31T09:00:00")
    assert runs_of(order) == [("2027-01-31", "waiting", "balance.short")]
    client.force_login(payer)
    client.post(reverse("users:me"), {"locale": "en"})
    assert "being retried" in client.get(reverse("standing_orders:later")).content.decode()
    page = client.get(reverse("standing_orders:order", args=[order.public_id])).content.decode()
    assert "not enough balance" in page and "11:00" in page
    assert sweep_at(clock, "2027-01-31T10:59:00") == 0
    fund(get_wallet_for(payer), "100.00")
    assert sweep_at(clock, "2027-01-31T11:00:00") == 1
    assert runs_of(order) == [("2027-01-31", "paid", "")]
    assert (money_of(payer), money_of(bob)) == (50_00, 150_00)
    assert not TransferNotice.objects.exists()
    prove_the_books()


def test_without_money_all_day_it_fails_is_told_and_the_order_goes_on(
    clock: time_machine.Traveller, client: Client, payer: User, bob: User
) -> None:
    order = in_force(payer, bob, amount="150.00")
    for hour in range(9, 24):
        sweep_at(clock, f"2027-01-31T{hour:02d}:30:00")
    sweep_at(clock, "2027-02-01T09:30:00")
    assert runs_of(order) == [("2027-01-31", "failed", "balance.short")]
    run = order.runs.get()
    assert run.payment is not None and run.payment.state == "expired"
    client.force_login(payer)
    client.post(reverse("users:me"), {"locale": "en"})
    assert "did not happen" in client.get(reverse("records:home")).content.decode()
    page = client.get(reverse("standing_orders:later"))
    assert "not enough balance" in page.content.decode()
    client.post(reverse("standing_orders:seen"), {"up_to": page.context["seen_up_to"]})
    assert "did not happen" not in client.get(reverse("records:home")).content.decode()
    fund(get_wallet_for(payer), "100.00")
    sweep_at(clock, "2027-02-28T09:00:00")
    assert runs_of(order)[-1] == ("2027-02-28", "paid", "")
    prove_the_books()


def test_while_frozen_nothing_leaves_and_later_the_same_day_it_does(
    clock: time_machine.Traveller, payer: User, bob: User
) -> None:
    order = in_force(payer, bob)
    freeze_wallet(wallet=get_wallet_for(payer), by=payer, reason="lost phone")
    sweep_at(clock, "2027-01-31T09:00:00")
    assert runs_of(order) == [("2027-01-31", "waiting", "wallet.frozen")]
    unfreeze_wallet(wallet=get_wallet_for(payer), by=payer, reason="found it")
    sweep_at(clock, "2027-01-31T11:00:00")
    assert money_of(bob) == 10_00
    prove_the_books()


def test_a_closed_payee_ends_the_order(
    clock: time_machine.Traveller, payer: User, bob: User
) -> None:
    order = in_force(payer, bob)
    wallet = get_wallet_for(bob)
    wallet.closed_at = NOW
    wallet.save(update_fields=["closed_at"])
    sweep_at(clock, "2027-01-31T09:00:00")
    order.refresh_from_db()
    assert (order.state, order.next_due_at) == ("finished", None)
    assert runs_of(order) == [("2027-01-31", "failed", "payee.closed")]
    assert money_of(payer) == 100_00
    prove_the_books()


@pytest.mark.parametrize(
    ("repeats", "back_on", "expected"),
    [
        # Down since the 31st: two days late is made up for, five are not.
        ("once", "2027-02-02T08:00:00", [("2027-01-31", "paid")]),
        ("once", "2027-02-05T08:00:00", [("2027-01-31", "missed")]),
        ("monthly", "2027-02-02T08:00:00", [("2027-01-31", "paid")]),
        # Of many dates only the newest.
        (
            "daily",
            "2027-02-03T08:00:00",
            [("2027-01-31", "missed"), ("2027-02-01", "missed"), ("2027-02-02", "paid")],
        ),
        (
            "weekly",
            "2027-02-12T08:00:00",
            [("2027-01-31", "missed"), ("2027-02-07", "missed")],
        ),
    ],
)
def test_after_an_outage_the_newest_date_is_made_up_for_unless_it_is_too_late(
    clock: time_machine.Traveller,
    payer: User,
    bob: User,
    repeats: str,
    back_on: str,
    expected: list[tuple[str, str]],
) -> None:
    order = in_force(payer, bob, repeats)
    for _again in range(3):
        sweep_at(clock, back_on)
    assert [(day, state) for day, state, _why in runs_of(order)] == expected
    paid = sum(state == "paid" for _day, state in expected)
    assert money_of(bob) == paid * 10_00
    missed = sum(state == "missed" for _day, state in expected)
    assert TransferNotice.objects.filter(owner=payer, code="standing.missed").count() == missed
    prove_the_books()


def test_a_clock_that_jumps_years_ahead_and_back_pays_no_date_twice_and_stops_none(
    clock: time_machine.Traveller, payer: User, bob: User
) -> None:
    order = in_force(payer, bob, "daily")
    sweep_at(clock, "2027-01-31T09:00:00")
    sweep_at(clock, "2031-05-05T10:00:00")
    assert money_of(bob) == 20_00
    sweep_at(clock, "2027-01-31T09:30:00")
    order.refresh_from_db()
    assert order.next_due_at == shanghai("2027-02-01T09:00:00")
    assert not TransferNotice.objects.exists()
    sweep_at(clock, "2027-02-01T09:00:00")
    assert money_of(bob) == 30_00
    sweep_at(clock, "2031-05-05T10:00:00")
    # The fifth of May 2031 is paid already.
    assert money_of(bob) == 30_00
    prove_the_books()


def test_a_finished_order_runs_again_when_the_clock_goes_back(
    clock: time_machine.Traveller, payer: User, bob: User
) -> None:
    order = in_force(payer, bob, "once")
    sweep_at(clock, "2029-01-01T00:00:00")
    order.refresh_from_db()
    assert (order.state, money_of(bob)) == ("finished", 0)
    sweep_at(clock, "2027-01-31T08:00:00")
    assert runs_of(order) == []
    sweep_at(clock, "2027-01-31T09:00:00")
    assert money_of(bob) == 10_00
    order.refresh_from_db()
    assert order.state == "finished"
    prove_the_books()


def test_a_retry_planned_by_a_clock_ahead_is_not_forgotten(
    clock: time_machine.Traveller, payer: User, bob: User
) -> None:
    order = in_force(payer, bob, amount="150.00")
    sweep_at(clock, "2027-01-31T09:00:00")
    sweep_at(clock, "2027-01-31T21:00:00")
    fund(get_wallet_for(payer), "100.00")
    sweep_at(clock, "2027-01-31T09:10:00")
    sweep_at(clock, "2027-01-31T09:20:00")
    assert runs_of(order) == [("2027-01-31", "paid", "")]
    prove_the_books()


class Killed(BaseException):
    """Nobody catches it, as nobody catches kill -9."""


@pytest.mark.parametrize("where", ["planned", "payment written", "paid", "refused"])
def test_a_worker_killed_anywhere_leaves_one_payment(
    clock: time_machine.Traveller, payer: User, bob: User, monkeypatch: Any, where: str
) -> None:
    order = in_force(payer, bob, amount="150.00" if where == "refused" else "10.00")
    clock.move_to(shanghai("2027-01-31T09:00:00"))

    def die(*_args: object, **_kwargs: object) -> None:
        raise Killed

    with monkeypatch.context() as patch:
        name = {
            "planned": "_take",
            "payment written": "confirm_authorised",
            "paid": "_end",
            "refused": "_put_off",
        }[where]
        patch.setattr(running, name, die)
        with pytest.raises(Killed):
            run_standing_orders()
    if where == "refused":
        fund(get_wallet_for(payer), "100.00")
    if where != "planned":
        assert run_standing_orders() == 0  # still leased
    for _again in range(3):
        clock.shift(timedelta(seconds=61))
        run_standing_orders()
    assert runs_of(order) == [("2027-01-31", "paid", "")]
    assert Payment.objects.count() == 1
    assert money_of(bob) == order.amount_minor
    prove_the_books()


def test_a_payment_that_its_owner_paid_or_cancelled_by_hand_is_left_as_it_is(
    clock: time_machine.Traveller, payer: User, bob: User
) -> None:
    order = in_force(payer, bob, amount="150.00")
    sweep_at(clock, "2027-01-31T09:00:00")
    fund(get_wallet_for(payer), "100.00")
    run = order.runs.get()
    assert run.payment is not None
    confirm(run.payment)
    sweep_at(clock, "2027-01-31T11:00:00")
    assert runs_of(order) == [("2027-01-31", "paid", "")]
    assert money_of(bob) == 150_00
    prove_the_books()


def test_one_broken_date_stops_none_behind_it(
    clock: time_machine.Traveller, payer: User, bob: User, monkeypatch: Any
) -> None:
    broken, fine = in_force(payer, bob), in_force(payer, bob)
    real = running._take

    def take(run_id: int) -> Payment | None:
        if StandingRun.objects.get(pk=run_id).order_id == broken.pk:
            raise RuntimeError("disk full")
        return real(run_id)

    monkeypatch.setattr(running, "_take", take)
    sweep_at(clock, "2027-01-31T09:00:00")
    assert runs_of(fine) == [("2027-01-31", "paid", "")]
    monkeypatch.setattr(running, "_take", real)
    run_standing_orders()
    assert runs_of(broken) == [("2027-01-31", "paid", "")]
    prove_the_books()


def test_one_order_that_cannot_be_planned_stops_none_behind_it(
    clock: time_machine.Traveller, payer: User, bob: User, monkeypatch: Any
) -> None:
    broken, fine = in_force(payer, bob), in_force(payer, bob)
    real = planning.plan_order

    def plan(*, order_id: int) -> bool:
        if order_id == broken.pk:
            raise RuntimeError("disk full")
        return real(order_id=order_id)

    monkeypatch.setattr(planning, "plan_order", plan)
    sweep_at(clock, "2027-01-31T09:00:00")
    assert runs_of(broken) == []
    assert runs_of(fine) == [("2027-01-31", "paid", "")]
    monkeypatch.setattr(planning, "plan_order", real)
    run_standing_orders()
    assert runs_of(broken) == [("2027-01-31", "paid", "")]


def test_a_date_that_could_not_be_tried_for_days_is_not_paid_by_surprise(
    clock: time_machine.Traveller, payer: User, bob: User, monkeypatch: Any
) -> None:
    order = in_force(payer, bob)
    clock.move_to(shanghai("2027-01-31T09:00:00"))
    plan_due_dates()
    sweep_at(clock, "2027-02-04T09:00:00")
    assert runs_of(order) == [("2027-01-31", "failed", "standing.missed")]
    assert money_of(bob) == 0
    prove_the_books()


def test_cancelling_gives_up_a_date_that_is_being_retried(
    clock: time_machine.Traveller, payer: User, bob: User
) -> None:
    order = in_force(payer, bob, "once", amount="150.00")
    sweep_at(clock, "2027-01-31T09:00:00")
    fund(get_wallet_for(payer), "100.00")
    order.refresh_from_db()
    assert order.state == "finished"
    assert cancel_order(order=order).state == "cancelled"
    sweep_at(clock, "2027-01-31T11:00:00")
    assert runs_of(order) == [("2027-01-31", "skipped", "standing.stopped")]
    assert money_of(bob) == 0
    payment = order.runs.get().payment
    assert payment is not None and payment.state == "cancelled"
    prove_the_books()
