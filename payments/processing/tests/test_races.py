"""Many requests in the same moment: threads, each with its own connection, on either database."""

from __future__ import annotations

from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tests.people import compose, confirm, money_of
from payments.transfers.services import compose_transfer
from payments.wallets.models import LimitUsage, Wallet
from payments.wallets.services import freeze_wallet, open_wallet
from tests.cast import (
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    make_customer,
    prove_the_books,
    wallet_with,
)
from tests.limits import PLENTY, with_limits
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def many_look_ups(settings: Any) -> None:
    """These tests prepare more payments than a person would."""
    with_limits(settings, "payee.lookup", person=PLENTY)


def states_of(results: list[Any]) -> dict[str, int]:
    found: dict[str, int] = {}
    for result in results:
        name = result.state if isinstance(result, Payment) else result.code
        found[name] = found.get(name, 0) + 1
    return found


def test_fifty_payments_of_money_for_ten_are_ten(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payments = [compose(alice, bob, "10.00") for _ in range(50)]

    results = all_at_once(50, lambda number: confirm(payments[number]))

    assert states_of(results) == {"succeeded": 10, "balance.short": 40}
    assert (money_of(alice), money_of(bob)) == (0, 100_00)
    day = LimitUsage.objects.get(wallet__owner=alice, period="day")
    assert (day.used_minor, day.payment_count) == (100_00, 10)
    prove_the_books()


def test_one_payment_confirmed_twenty_times_at_once_is_one_debit(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob, "10.00")

    results = all_at_once(20, lambda _number: confirm(payment))

    assert states_of(results) == {"succeeded": 20}
    assert (money_of(alice), money_of(bob)) == (90_00, 10_00)
    assert payment.status_changes.filter(to_state="succeeded").count() == 1
    prove_the_books()


def test_a_form_sent_twenty_times_at_once_shows_one_receipt(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob, "10.00")
    page = f"/pay/{payment.public_id}/"
    browser = Client()
    browser.force_login(alice)
    browser.get(page)

    def press(_number: int) -> tuple[int, str]:
        own = Client()
        own.cookies = browser.cookies
        answer = own.post(f"{page}authorise/", {"payment_password": PAYMENT_PASSWORD})
        return answer.status_code, answer["Location"]

    assert set(all_at_once(20, press)) == {(302, page)}
    assert money_of(alice) == 90_00
    prove_the_books()


def test_a_form_prepared_twenty_times_at_once_is_one_payment(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    key = uuid4()

    results = all_at_once(
        20,
        lambda _number: compose_transfer(
            user=alice, payee_text=str(bob.phone), amount_text="1", note="", compose_key=key
        ),
    )

    assert len({payment.pk for payment in results}) == 1  # type: ignore[union-attr]
    assert Payment.objects.count() == 1


def test_payments_there_and_back_at_once_do_not_wait_for_each_other(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob, "100.00")
    payments = [
        compose(payer, payee, "1.00")
        for _ in range(15)
        for payer, payee in ((alice, bob), (bob, alice))
    ]

    results = all_at_once(30, lambda number: confirm(payments[number]))

    assert states_of(results) == {"succeeded": 30}
    assert (money_of(alice), money_of(bob)) == (100_00, 100_00)
    prove_the_books()


def test_the_day_limit_is_exact_under_twenty_payments_at_once(alice: User, bob: User) -> None:
    wallet_with(alice, "20000.00")
    wallet_with(bob)
    payments = [compose(alice, bob, "1000.00") for _ in range(20)]

    results = all_at_once(20, lambda number: confirm(payments[number]))

    assert states_of(results) == {"succeeded": 10, "limit.day": 10}
    assert money_of(alice) == 10_000_00
    prove_the_books()


def test_the_payees_cap_is_exact_under_ten_payments_at_once(alice: User, settings: Any) -> None:
    capped = {**settings.LIMITS["IV"], "balance_cap": 50_00}
    settings.LIMITS = {**settings.LIMITS, "IV": capped}
    payee = make_customer(id_number="")
    wallet_with(payee)
    wallet_with(alice, "500.00")
    payments = [compose(alice, payee, "10.00") for _ in range(10)]

    results = all_at_once(10, lambda number: confirm(payments[number]))

    assert states_of(results) == {"succeeded": 5, "failed": 5}
    assert {payment.failure_code for payment in results} == {"", "limit.balance"}  # type: ignore[union-attr]
    assert (money_of(alice), money_of(payee)) == (450_00, 50_00)
    assert LimitUsage.objects.get(wallet__owner=alice, period="day").used_minor == 50_00
    prove_the_books()


def test_of_twenty_wrong_passwords_at_once_five_are_looked_at(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob)

    results = all_at_once(20, lambda _number: confirm(payment, OTHER_PAYMENT_PASSWORD))

    assert codes_of(results) == {"payment_password.wrong": 4, "payment_password.locked": 16}  # type: ignore[arg-type]
    assert states_of(all_at_once(1, lambda _number: confirm(payment))) == {
        "payment_password.locked": 1
    }
    assert money_of(alice) == 100_00
    prove_the_books()


def test_a_freeze_between_many_payments_stops_all_that_come_after_it(
    alice: User, bob: User
) -> None:
    wallet = wallet_with(alice, "100.00")
    wallet_with(bob)
    payments = [compose(alice, bob, "1.00") for _ in range(10)]

    def act(number: int) -> Any:
        if number == 10:
            return freeze_wallet(wallet=wallet, by=alice, reason="test")
        return confirm(payments[number])

    results = all_at_once(11, act)

    paid = sum(isinstance(one, Payment) for one in results)
    assert money_of(alice) == (100 - paid) * 100
    late = compose_refused(alice, bob)
    assert late == "wallet.frozen"
    prove_the_books()


def compose_refused(payer: User, payee: User) -> str:
    [refusal] = all_at_once(1, lambda _number: compose(payer, payee, "1.00"))
    return refusal.code if not isinstance(refusal, Payment) else ""


def test_a_wallet_asked_for_ten_times_at_once_is_one(alice: User) -> None:
    results = all_at_once(10, lambda _number: open_wallet(user=alice))

    assert len({wallet.pk for wallet in results}) == 1  # type: ignore[union-attr]
    assert Wallet.objects.count() == 1
    prove_the_books()
