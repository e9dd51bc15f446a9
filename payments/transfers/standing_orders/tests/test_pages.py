"""The way to a planned transfer and back, page by page; and who may see and change it."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.payment_password.selectors import payment_password_state
from accounts.security.errors import Refusal
from accounts.users.models import User
from payments.processing.tests.people import money_of
from payments.transfers.standing_orders.changing import (
    cancel_order,
    change_amount,
    pause_order,
    resume_order,
    skip_date,
)
from payments.transfers.standing_orders.composing import authorise_order
from payments.transfers.standing_orders.errors import OrderMayNot
from payments.transfers.standing_orders.models import StandingOrder
from payments.transfers.standing_orders.running import run_standing_orders
from payments.transfers.standing_orders.selectors import forecast_wallet, list_upcoming
from payments.transfers.standing_orders.tests.orders import NOW, compose, in_force, runs_of
from payments.wallets.selectors import get_wallet_for, limit_state
from tests.cast import OTHER_PAYMENT_PASSWORD, PAYMENT_PASSWORD, prove_the_books, wallet_with
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db

STEPS = ["check", "authorise", "order", "amount"]
ACTS = ["pause", "resume", "skip", "cancel"]


@pytest.fixture
def clock() -> Iterator[time_machine.Traveller]:
    with time_machine.travel(NOW, tick=False) as traveller:
        yield traveller


@pytest.fixture
def payer(clock: time_machine.Traveller, alice: User, bob: User) -> User:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    alice.locale = "en"
    alice.save(update_fields=["locale"])
    return alice


@pytest.fixture
def here(client: Client, payer: User) -> Client:
    client.force_login(payer)
    return client


def at(name: str, order: StandingOrder) -> str:
    return reverse(f"standing_orders:{name}", args=[order.public_id])


def typed(payee_user: User, /, **changes: Any) -> dict[str, Any]:
    return {
        "payee": str(payee_user.phone),
        "amount": "12.50",
        "repeats": "monthly",
        "starts_on": "2027-01-31",
        "at_time": "09:00",
        "ends": "never",
        "note": "rent",
        "compose_key": str(uuid4()),
    } | changes


def test_it_is_planned_checked_authorised_once_and_shown(here: Client, bob: User) -> None:
    new = reverse("standing_orders:compose")
    assert_page_is_clean(here.get(new).content.decode())
    fields = typed(bob)
    first = here.post(new, fields)
    assert here.post(new, fields).url == first.url  # type: ignore[attr-defined]
    check = here.get(first.url).content.decode()  # type: ignore[attr-defined]
    order = StandingOrder.objects.get()
    for said in ("12.50", "day 31, or the last day", "28 Feb 2027", "Until you cancel it"):
        assert said in check
    wrong = here.post(at("authorise", order), {"payment_password": OTHER_PAYMENT_PASSWORD})
    assert wrong.status_code == 422
    order.refresh_from_db()
    assert order.state == "draft"
    for _again in range(2):
        here.post(at("authorise", order), {"payment_password": PAYMENT_PASSWORD})
    page = here.get(at("order", order)).content.decode()
    assert_page_is_clean(page)
    assert "It is planned" in page and "31 Jan 2027 09:00" in page
    assert StandingOrder.objects.count() == 1
    later = here.get(reverse("standing_orders:later")).content.decode()
    assert_page_is_clean(later)
    assert at("order", order) in later


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"starts_on": "2027-01-19"}, "starts_on"),
        ({"starts_on": "0001-01-01"}, "starts_on"),
        ({"starts_on": "9999-12-31"}, "starts_on"),
        ({"starts_on": "yesterday"}, "starts_on"),
        ({"at_time": "25:00"}, "at_time"),
        ({"repeats": "hourly"}, "repeats"),
        ({"ends": "on"}, "ends_on"),
        ({"ends": "on", "ends_on": "2027-01-30"}, "ends_on"),
        ({"ends": "times", "times": "0"}, "times"),
        ({"ends": "times", "times": "1000"}, "times"),
        ({"amount": "6000"}, "amount"),
        ({"amount": "0.001"}, "amount"),
        ({"payee": "13955550009"}, "payee"),
        ({"payee": "+8613800136027"}, "payee"),
        ({"compose_key": "x"}, "compose_key"),
    ],
)
def test_what_cannot_be_planned_is_said_at_its_field(
    here: Client, bob: User, changes: dict[str, str], field: str
) -> None:
    answer = here.post(reverse("standing_orders:compose"), typed(bob, **changes))
    assert answer.status_code == 422
    assert set(answer.context["form"].errors) == {field}
    assert not StandingOrder.objects.exists()


def test_an_end_is_only_kept_where_it_was_chosen(here: Client, bob: User) -> None:
    new = reverse("standing_orders:compose")
    here.post(new, typed(bob, ends_on="2027-03-01", times="5"))
    here.post(new, typed(bob, repeats="once", ends="times", times="5"))
    here.post(new, typed(bob, ends="times", times="5", ends_on="2027-03-01"))
    found = StandingOrder.objects.order_by("pk").values_list("repeats", "ends_on", "times")
    assert list(found) == [("monthly", None, None), ("once", None, None), ("monthly", None, 5)]
    order = StandingOrder.objects.latest("pk")
    form = here.get(f"{new}?change={order.public_id}").context["form"]
    assert (form["ends"].value(), form["times"].value()) == ("times", 5)


def test_other_people_find_nothing(client: Client, payer: User, bob: User, mallory: User) -> None:
    order = in_force(payer, bob)
    for person in (bob, mallory):
        client.force_login(person)
        for name in STEPS:
            assert client.get(at(name, order)).status_code == 404
        for name in ACTS:
            assert client.post(at(name, order), {"index": "0"}).status_code == 404
        new = reverse("standing_orders:compose")
        assert client.get(f"{new}?change={order.public_id}").status_code == 404
    order.refresh_from_db()
    assert order.state == "active"


def test_looking_changes_nothing(here: Client, payer: User, bob: User) -> None:
    order = in_force(payer, bob)
    for name in ACTS:
        assert here.get(at(name, order)).status_code == 405
    assert here.get(reverse("standing_orders:seen")).status_code == 405


def test_a_draft_dies_with_its_form_and_a_passed_date_is_refused(
    clock: time_machine.Traveller, here: Client, payer: User, bob: User
) -> None:
    soon = compose(payer, bob, start="2027-01-20", at="10:05")
    old = compose(payer, bob)
    clock.shift(timedelta(minutes=6))
    here = Client()
    here.force_login(payer)
    answer = here.post(at("authorise", soon), {"payment_password": PAYMENT_PASSWORD})
    assert answer.status_code == 422 and "This moment is over" in answer.content.decode()
    clock.shift(timedelta(minutes=10))
    here = Client()
    here.force_login(payer)
    here.post(at("authorise", old), {"payment_password": PAYMENT_PASSWORD})
    assert authorise_order(order=old, raw_payment_password=PAYMENT_PASSWORD).state == "expired"
    assert "not authorised in time" in here.get(at("order", old)).content.decode()


def test_wrong_passwords_pause_payments_as_everywhere(here: Client, payer: User, bob: User) -> None:
    draft, order = compose(payer, bob), in_force(payer, bob)
    for page in (at("authorise", draft), at("amount", order)) * 3:
        here.post(page, {"amount": "1", "payment_password": OTHER_PAYMENT_PASSWORD})
    assert payment_password_state(payer).is_locked
    assert here.get(at("authorise", draft)).url == reverse("processing:locked")  # type: ignore[attr-defined]
    order.refresh_from_db()
    assert order.amount_minor == 10_00


def test_another_amount_needs_the_payment_password(
    clock: time_machine.Traveller, here: Client, payer: User, bob: User
) -> None:
    order = in_force(payer, bob)
    new = {"amount": "20.00", "payment_password": OTHER_PAYMENT_PASSWORD}
    assert here.post(at("amount", order), new).status_code == 422
    over = {"amount": "6000", "payment_password": PAYMENT_PASSWORD}
    assert here.post(at("amount", order), over).status_code == 422
    here.post(at("amount", order), new | {"payment_password": PAYMENT_PASSWORD})
    clock.shift(timedelta(days=11))
    run_standing_orders()
    assert money_of(bob) == 20_00
    prove_the_books()


def test_a_date_is_skipped_once_however_often_it_is_pressed(
    clock: time_machine.Traveller, here: Client, payer: User, bob: User
) -> None:
    order = in_force(payer, bob)
    for _again in range(3):
        here.post(at("skip", order), {"index": "0"})
    order.refresh_from_db()
    assert [each.day.isoformat() for each in list_upcoming(order, most=1)] == ["2027-02-28"]
    clock.shift(timedelta(days=11))
    run_standing_orders()
    assert money_of(bob) == 0
    with pytest.raises(OrderMayNot):
        skip_date(order=order, index=5)
    assert runs_of(order) == [("2027-01-31", "skipped", "")]


def test_paused_dates_pass_and_are_not_made_up_for(
    clock: time_machine.Traveller, here: Client, payer: User, bob: User
) -> None:
    order = in_force(payer, bob)
    here.post(at("pause", order))
    clock.shift(timedelta(days=12))
    run_standing_orders()
    assert resume_order(order=order).state == "active"
    run_standing_orders()
    assert money_of(bob) == 0
    order.refresh_from_db()
    assert [each.day.isoformat() for each in list_upcoming(order, most=1)] == ["2027-02-28"]
    prove_the_books()


def test_resuming_is_a_press_of_a_button(here: Client, payer: User, bob: User) -> None:
    order = in_force(payer, bob)
    here.post(at("pause", order))
    assert at("resume", order) in here.get(at("order", order)).content.decode()
    for _again in range(2):
        here.post(at("resume", order))
    order.refresh_from_db()
    assert (order.state, order.next_index) == ("active", 0)


def test_cancelled_is_for_good(here: Client, payer: User, bob: User) -> None:
    order = in_force(payer, bob)
    here.post(at("cancel", order))
    assert cancel_order(order=order).state == "cancelled"
    for act in (pause_order, resume_order):
        with pytest.raises(OrderMayNot):
            act(order=order)
    with pytest.raises(OrderMayNot):
        change_amount(
            order=StandingOrder.objects.get(pk=order.pk),
            amount_text="1",
            raw_payment_password=PAYMENT_PASSWORD,
        )
    assert "Cancel this plan" not in here.get(at("order", order)).content.decode()


def test_there_are_not_more_orders_than_the_setting_says(
    payer: User, bob: User, settings: Any
) -> None:
    settings.STANDING_ORDERS = settings.STANDING_ORDERS | {"most": 1}
    second = compose(payer, bob)
    in_force(payer, bob)
    with pytest.raises(Refusal) as refused:
        authorise_order(order=second, raw_payment_password=PAYMENT_PASSWORD)
    assert refused.value.code == "standing.most"


def test_the_page_says_what_is_needed_by_when_and_what_is_missing(
    here: Client, payer: User, bob: User
) -> None:
    in_force(payer, bob, "weekly", "2027-01-22", amount="90.00")
    in_force(payer, bob, "once", "2027-01-25", amount="210.00")
    in_force(payer, bob, "once", "2027-03-01", amount="500.00")
    forecast = forecast_wallet(get_wallet_for(payer))
    assert forecast is not None
    assert (forecast.needs_minor, forecast.short_minor, forecast.count) == (300_00, 200_00, 2)
    page = here.get(reverse("standing_orders:later")).content.decode()
    assert "Needs ¥300.00 by Mon 25 Jan 09:00" in page
    assert "¥200.00 short" in page


def test_a_zone_of_ones_own_changes_the_clock_and_not_the_limits(
    clock: time_machine.Traveller, here: Client, payer: User, bob: User
) -> None:
    saved = here.post(
        reverse("users:me"), {"locale": "en", "theme": "", "time_zone": "America/New_York"}
    )
    assert saved.status_code == 302
    bad = here.post(reverse("users:me"), {"locale": "en", "time_zone": "Mars/Olympus"})
    assert bad.status_code == 422
    here.post(reverse("standing_orders:compose"), typed(bob))
    order = StandingOrder.objects.get()
    assert order.zone == "America/New_York"
    assert "New York" in here.get(at("check", order)).content.decode()
    # 02:00 UTC is the evening before in New York; the bank's day is the one that counts.
    response = here.get(reverse("wallets:limits"))
    state = limit_state(get_wallet_for(payer))
    assert response.context["limits"].day_clears_at == state.day_clears_at
    assert state.day_clears_at.isoformat() == "2027-01-21T00:00:00+08:00"
    assert "Today 11:00" in response.content.decode() or "11:00" in response.content.decode()
