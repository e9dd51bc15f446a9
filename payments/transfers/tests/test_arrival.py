"""Transfers that arrive later: held, stoppable until then, there once, back when they cannot."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from ledger.models import LedgerAccount
from payments.processing.errors import PaymentMayNot
from payments.processing.models import Payment
from payments.processing.services import settle_payment, stop_payment
from payments.processing.states import PaymentState
from payments.processing.tests.people import confirm, money_of
from payments.transfers.arriving import settle_due_arrivals
from payments.transfers.services import compose_transfer
from payments.wallets.selectors import get_wallet_for, limit_state, wallet_balance
from payments.wallets.services import freeze_wallet
from tests.cast import prove_the_books, wallet_with
from tests.race import all_at_once

pytestmark = pytest.mark.django_db

NOON = datetime(2026, 11, 23, 4, 0, tzinfo=UTC)
TWO_HOURS, A_DAY = "7200", "86400"


@pytest.fixture
def payer(alice: User, bob: User) -> User:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    return alice


def compose(payer: User, payee: User, arrival: str = TWO_HOURS, **changes: Any) -> Payment:
    fields: dict[str, Any] = {"amount_text": "60.00", "note": "", "compose_key": uuid4()} | changes
    return compose_transfer(user=payer, payee_text=str(payee.phone), arrival=arrival, **fields)


def end_of(payment: Payment) -> tuple[str, str]:
    payment.refresh_from_db()
    return payment.state, payment.failure_code


@pytest.mark.parametrize(("arrival", "hours"), [(TWO_HOURS, 2), (A_DAY, 24)])
def test_it_arrives_when_its_time_has_come_and_not_a_second_sooner(
    payer: User, bob: User, arrival: str, hours: int
) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        payment = confirm(compose(payer, bob, arrival))
        assert payment.arrives_at == NOON + timedelta(hours=hours)
        clock.shift(timedelta(hours=hours, seconds=-1))
        assert settle_due_arrivals() == 0
        assert (money_of(payer), money_of(bob)) == (40_00, 0)
        assert wallet_balance(get_wallet_for(payer)).posted_minor == 100_00
        clock.shift(1)
        assert settle_due_arrivals() == 1
        assert settle_due_arrivals() == 0
    assert end_of(payment) == (PaymentState.SUCCEEDED, "")
    assert (money_of(payer), money_of(bob)) == (40_00, 60_00)
    prove_the_books()


def test_a_clock_that_jumps_ahead_and_back_brings_it_once(payer: User, bob: User) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        payment = confirm(compose(payer, bob))
        for there in (timedelta(days=3), -timedelta(days=3), timedelta(hours=3)):
            clock.shift(there)
            settle_due_arrivals()
    assert end_of(payment)[0] == PaymentState.SUCCEEDED
    assert money_of(bob) == 60_00
    prove_the_books()


def test_one_confirmed_by_a_clock_ahead_does_not_wait_for_that_time_again(
    payer: User, bob: User
) -> None:
    with time_machine.travel(NOON + timedelta(days=30), tick=False) as clock:
        payment = confirm(compose(payer, bob))
        clock.move_to(NOON)
        assert settle_due_arrivals() == 0
        payment.refresh_from_db()
        assert payment.arrives_at == NOON + timedelta(hours=2)
        clock.shift(timedelta(hours=2))
        assert settle_due_arrivals() == 1
    assert money_of(bob) == 60_00
    prove_the_books()


def test_until_then_it_is_stopped_on_its_page_and_afterwards_not(
    client: Client, payer: User, bob: User
) -> None:
    client.force_login(payer)
    first, second = compose(payer, bob), compose(payer, bob, amount_text="40.00")
    stop = [reverse("processing:stop", args=[each.public_id]) for each in (first, second)]
    with time_machine.travel(datetime.now(UTC), tick=False) as clock:
        confirm(first)
        confirm(second)
        page = client.get(reverse("processing:result", args=[first.public_id])).content.decode()
        assert stop[0] in page and "林" not in page.split("<main")[0]
        client.post(stop[0])
        assert end_of(first) == (PaymentState.CANCELLED, "")
        assert money_of(payer) == 60_00
        assert limit_state(get_wallet_for(payer)).day_used == 40_00
        clock.shift(timedelta(hours=2))
        client.post(stop[1])
        assert end_of(second) == (PaymentState.PROCESSING, "")
        settle_due_arrivals()
    assert end_of(second) == (PaymentState.SUCCEEDED, "")
    prove_the_books()


def test_the_payee_sees_nothing_before_it_is_there(client: Client, payer: User, bob: User) -> None:
    client.force_login(bob)
    payment = confirm(compose(payer, bob, note="for the boat"))
    for name in ("records:home", "records:activity"):
        assert "for the boat" not in client.get(reverse(name)).content.decode()
    for name in ("processing:result", "records:entry", "records:receipt"):
        assert client.get(reverse(name, args=[payment.public_id])).status_code == 404


def test_a_hold_takes_no_room_of_the_payee_and_so_tells_nothing(payer: User, bob: User) -> None:
    wallet_with(bob, "19990.00")
    with time_machine.travel(NOON, tick=False) as clock:
        payment = confirm(compose(payer, bob))
        assert payment.state == PaymentState.PROCESSING
        clock.shift(timedelta(hours=2))
        assert settle_due_arrivals() == 1
    assert end_of(payment) == (PaymentState.FAILED, "limit.balance")
    assert (money_of(payer), money_of(bob)) == (100_00, 19_990_00)
    prove_the_books()


@pytest.mark.parametrize("who", ["payer frozen", "payer closed", "payee closed", "payee gone"])
def test_what_may_not_arrive_goes_back_with_the_limits(payer: User, bob: User, who: str) -> None:
    with time_machine.travel(NOON, tick=False) as clock:
        payment = confirm(compose(payer, bob))
        person = payer if who.startswith("payer") else bob
        wallet = get_wallet_for(person)
        if who.endswith("frozen"):
            freeze_wallet(wallet=wallet, by=payer, reason="lost phone")
        elif who.endswith("closed"):
            wallet.closed_at = NOON
            wallet.save(update_fields=["closed_at"])
        else:
            User.objects.filter(pk=bob.pk).update(is_active=False)
        clock.shift(timedelta(hours=2))
        assert settle_due_arrivals() == 1
        assert limit_state(get_wallet_for(payer)).day_used == 0
    code = "payer.frozen" if who.startswith("payer") else "payee.closed"
    assert end_of(payment) == (PaymentState.FAILED, code)
    assert (money_of(payer), money_of(bob)) == (100_00, 0)
    prove_the_books()


def test_one_that_cannot_be_booked_stops_none_behind_it(
    payer: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    from accounts.security import sweeping
    from payments.transfers import arriving

    with time_machine.travel(NOON, tick=False) as clock:
        broken, fine = confirm(compose(payer, bob)), confirm(compose(payer, bob, amount_text="5"))
        clock.shift(timedelta(hours=2))
        real = settle_payment

        def settle(*, payment_id: int, reason: str = "") -> Payment:
            if payment_id == broken.pk:
                raise RuntimeError("disk full")
            return real(payment_id=payment_id, reason=reason)

        monkeypatch.setattr(arriving, "settle_payment", settle)
        monkeypatch.setattr(sweeping, "_BATCH", 1)
        assert settle_due_arrivals() == 1
        assert end_of(broken)[0] == PaymentState.PROCESSING
        monkeypatch.setattr(arriving, "settle_payment", real)
        assert settle_due_arrivals() == 1
    assert end_of(fine)[0] == end_of(broken)[0] == PaymentState.SUCCEEDED
    prove_the_books()


def test_the_first_time_two_hours_are_recommended_and_may_be_changed(
    client: Client, payer: User, bob: User
) -> None:
    client.force_login(payer)
    page = client.get(reverse("transfers:compose"))
    form = page.context["form"]
    fields = {"payee": str(bob.phone), "amount": "10", "compose_key": form["compose_key"].value()}
    check = client.post(reverse("transfers:compose"), fields | {"arrival": form["arrival"].value()})
    payment = Payment.objects.get()
    assert payment.delay_seconds == 7200
    facts = client.get(check.url).content.decode()  # type: ignore[attr-defined]
    assert reverse("transfers:compose") + f"?change={payment.public_id}" in facts
    changed = client.get(f"{reverse('transfers:compose')}?change={payment.public_id}")
    assert changed.context["form"]["arrival"].value() == "7200"
    fields["compose_key"] = str(changed.context["form"]["compose_key"].value())
    client.post(reverse("transfers:compose"), fields | {"arrival": "0"})
    assert confirm(Payment.objects.latest("pk")).state == PaymentState.SUCCEEDED
    assert compose(payer, bob, "auto", amount_text="1").delay_seconds == 0
    bad = client.post(reverse("transfers:compose"), fields | {"arrival": "-1"})
    assert bad.status_code == 422
    prove_the_books()


def test_a_form_sent_again_keeps_the_arrival_it_was_given(payer: User, bob: User) -> None:
    key = uuid4()
    first = compose(payer, bob, "auto", compose_key=key, amount_text="1")
    confirm(compose(payer, bob, "0", amount_text="1"))
    assert compose(payer, bob, "auto", compose_key=key, amount_text="1").pk == first.pk


@pytest.mark.django_db(transaction=True)
def test_four_sweeps_at_once_bring_each_once(payer: User, bob: User) -> None:
    payments = [confirm(compose(payer, bob, amount_text="5.00")) for _ in range(8)]
    Payment.objects.update(arrives_at=NOON - timedelta(days=1))
    ended = all_at_once(4, lambda _number: settle_due_arrivals())
    ended.append(settle_due_arrivals())
    assert sum(count for count in ended if isinstance(count, int)) == 8
    assert {end_of(payment)[0] for payment in payments} == {PaymentState.SUCCEEDED}
    assert (money_of(payer), money_of(bob)) == (60_00, 40_00)
    transit = LedgerAccount.objects.get(code="transfers:transit:CNY")
    assert transit.credits_posted - transit.debits_posted >= 0
    prove_the_books()


@pytest.mark.django_db(transaction=True)
def test_stopped_and_arriving_at_once_is_one_of_the_two(payer: User, bob: User) -> None:
    payment = confirm(compose(payer, bob))
    assert payment.arrives_at is not None
    with time_machine.travel(payment.arrives_at - timedelta(milliseconds=150)):

        def act(number: int) -> str:
            for _try in range(40):
                if number % 2:
                    settle_due_arrivals()
                elif number == 0 and _try == 20:
                    try:
                        stop_payment(payment_id=payment.pk, by=payer, reason="race")
                    except PaymentMayNot as refusal:
                        return refusal.state
            return ""

        all_at_once(4, act)
        state = end_of(payment)[0]
        if state == PaymentState.PROCESSING:
            settle_due_arrivals()
            state = end_of(payment)[0]
    expected = (100_00, 0) if state == PaymentState.CANCELLED else (40_00, 60_00)
    assert (money_of(payer), money_of(bob)) == expected
    prove_the_books()
