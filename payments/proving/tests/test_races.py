"""The second step done many times at once, on either database."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from accounts.security.models import UserSession
from accounts.users.models import User
from payments.processing.composing import ask_of
from payments.processing.models import PaymentStatusChange
from payments.processing.services import confirm_proved
from payments.processing.tests.people import compose, money_of
from payments.proving.models import SecondProof
from payments.proving.rules import set_rules, tighten_rules
from payments.proving.selectors import Rules, rules_of
from payments.proving.services import pass_proof
from payments.proving.tests.people import (
    app_code,
    ask_from,
    at,
    browser_of,
    enrol,
    type_code,
    type_password,
)
from tests.cast import PAYMENT_PASSWORD, prove_the_books, read_code, wallet_with
from tests.race import all_at_once, codes_of, one_inside_the_other

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payer(alice: User, bob: User) -> User:
    wallet_with(alice, "9000.00")
    wallet_with(bob)
    ask_from(alice)
    return alice


def test_one_right_code_sent_many_times_at_once_is_one_payment(payer: User, bob: User) -> None:
    secret = enrol(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "1000.00")
    type_password(browser, payment)
    code, cookies = app_code(secret), browser.cookies

    twins = [browser_of_cookies(cookies) for _number in range(8)]
    answers: list[Any] = all_at_once(8, lambda number: type_code(twins[number], payment, code))

    assert {answer.status_code for answer in answers} <= {302, 422}
    # Whose answer came first has the newest key of the session.
    where = [answer.headers.get("Location") for answer in answers]
    browser = twins[where.index(at(payment))]
    assert money_of(bob) == 1000_00
    steps = PaymentStatusChange.objects.filter(payment=payment)
    assert [step.to_state for step in steps.order_by("pk")] == [
        "created",
        "processing",
        "succeeded",
    ]
    assert type_password(browser, payment)["Location"] == at(payment)
    prove_the_books()


def test_one_right_message_sent_many_times_at_once_is_one_payment(
    payer: User, bob: User, phones: Any
) -> None:
    browser, payment = browser_of(payer), compose(payer, bob, "1000.00")
    type_password(browser, payment)
    code, cookies = read_code(str(payer.phone)), browser.cookies

    def send(number: int) -> int:
        return int(type_code(browser_of_cookies(cookies), payment, code).status_code)

    # The same form, twice: each answer is the way to the result.
    assert set(all_at_once(8, send)) == {302}
    assert money_of(bob) == 1000_00
    assert SecondProof.objects.filter(used_at__isnull=False).count() == 1
    prove_the_books()


def browser_of_cookies(cookies: Any) -> Client:
    twin = Client()
    twin.cookies = cookies.copy()
    return twin


def test_one_code_for_two_payments_at_once_pays_one(payer: User, bob: User) -> None:
    secret = enrol(payer)
    browser = browser_of(payer)
    payments = [compose(payer, bob, "1000.00"), compose(payer, bob, "2000.00")]
    for payment in payments:
        type_password(browser, payment)
    code, session = app_code(secret), UserSession.objects.get(user=payer)
    proofs = [
        SecondProof.objects.select_related("session", "user").get(subject_id=payment.public_id)
        for payment in payments
    ]

    def act(number: int) -> object:
        payment = payments[number % 2]
        pass_proof(
            proof=proofs[number % 2], ask=ask_of(payment), typed=code, session_key="", address=""
        )
        return confirm_proved(payment=payment, session=session)

    results = all_at_once(6, act)

    assert codes_of(results).get("", 0) >= 1
    assert SecondProof.objects.filter(proved_at__isnull=False).count() == 1
    assert money_of(bob) in (1000_00, 2000_00)
    prove_the_books()


def test_the_password_typed_many_times_at_once_opens_one_second_step(
    payer: User, bob: User
) -> None:
    enrol(payer)
    browser, payment = browser_of(payer), compose(payer, bob, "1000.00")
    browser.get("/home/")
    cookies = browser.cookies

    def send(number: int) -> str:
        answer = browser_of_cookies(cookies).post(
            at(payment, "authorise/"), {"payment_password": PAYMENT_PASSWORD}
        )
        return str(answer["Location"])

    assert set(all_at_once(6, send)) == {at(payment, "prove/")}
    assert SecondProof.objects.count() == 1 and money_of(bob) == 0


def test_rules_made_stricter_meanwhile_are_not_lowered_without_proof(alice: User) -> None:
    set_rules(user=alice, rules=Rules(100_000_00, None, on_new_devices=False))
    thief, strict = browser_of(alice), Rules(1, 1, on_new_devices=True)
    form = {"from_amount": "100000.00", "new_payee_over": ""}
    answer, _set = one_inside_the_other(
        lambda: thief.post("/security/payments/", form)["Location"],
        lambda: set_rules(user=alice, rules=strict),
        # The page has read what holds, and finds that nothing is lowered.
        after=r'FROM "payments_proofrules"',
    )
    assert str(answer).startswith("/step-up/?next=%2Fsecurity%2Fpayments%2F%3F")
    assert rules_of(alice) == strict


def test_of_two_rules_without_proof_at_once_the_stricter_stay(alice: User) -> None:
    one_inside_the_other(
        lambda: tighten_rules(user=alice, rules=Rules(300)),
        lambda: tighten_rules(user=alice, rules=Rules(100)),
        after=r'FROM "payments_proofrules"',
    )
    assert rules_of(alice) == Rules(100)
