"""A passkey as the second proof: it signs for one payment, of one amount, to one payee."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.factors.models import Passkey
from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tests.people import compose, money_of
from payments.proving.models import SecondProof
from payments.proving.tests.people import ask_from, at, browser_of, type_password
from tests.authenticators import SoftAuthenticator, asked_in, give_passkey
from tests.cast import prove_the_books, read_code, wallet_with
from tests.race import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def payer(alice: User, bob: User) -> User:
    wallet_with(alice, "9000.00")
    wallet_with(bob)
    ask_from(alice)
    return alice


@pytest.fixture
def key(payer: User) -> SoftAuthenticator:
    made = SoftAuthenticator()
    give_passkey(payer, made)
    return made


@pytest.fixture
def browser(payer: User) -> Client:
    client = browser_of(payer)
    client.defaults["SERVER_NAME"] = "localhost"
    return client


def asked(browser: Client, payment: Payment) -> dict[str, Any]:
    type_password(browser, payment)
    return asked_in(browser.get(at(payment, "prove/")).content.decode())


def answer(browser: Client, payment: Payment, credential: str) -> Any:
    return browser.post(at(payment, "prove/"), {"credential": credential})


def test_it_moves_the_money_once(
    browser: Client, key: SoftAuthenticator, payer: User, bob: User
) -> None:
    payment = compose(payer, bob, "1000.00")
    signed = key.get(asked(browser, payment))
    assert money_of(bob) == 0
    assert answer(browser, payment, signed)["Location"] == at(payment)
    assert answer(browser, payment, signed)["Location"] == at(payment)
    assert money_of(bob) == 1000_00
    assert SecondProof.objects.get().way == "factor"
    prove_the_books()


def test_what_was_signed_for_one_payment_is_nothing_for_another(
    browser: Client, key: SoftAuthenticator, payer: User, bob: User
) -> None:
    small, large = compose(payer, bob, "1000.00"), compose(payer, bob, "2000.00")
    signed = key.get(asked(browser, small))
    asked(browser, large)
    refused = answer(browser, large, signed)
    assert refused.status_code == 422
    assert "could not be checked" in refused.content.decode()
    for_step_up = key.get(asked_in(browser.get("/step-up/").content.decode()))
    assert answer(browser, large, for_step_up).status_code == 422
    assert money_of(bob) == 0
    prove_the_books()


def test_without_the_payment_password_it_is_asked_for_nothing(
    browser: Client, key: SoftAuthenticator, payer: User, bob: User
) -> None:
    payment = compose(payer, bob, "1000.00")
    signed = key.get(asked_in(browser.get("/step-up/").content.decode()))
    assert "authorise" in answer(browser, payment, signed)["Location"]
    assert money_of(bob) == 0
    prove_the_books()


def test_one_answer_sent_ten_times_at_once_pays_once(
    browser: Client, key: SoftAuthenticator, payer: User, bob: User
) -> None:
    payment = compose(payer, bob, "1000.00")
    signed = key.get(asked(browser, payment))
    answers = all_at_once(10, lambda _number: answer(browser, payment, signed).status_code)
    assert set(answers) <= {302, 422}
    assert 302 in answers
    assert money_of(bob) == 1000_00
    prove_the_books()


def test_one_that_was_added_today_is_no_second_proof_and_the_phone_is_asked(
    browser: Client, payer: User, bob: User, phones: object
) -> None:
    key = SoftAuthenticator()
    give_passkey(payer, key)
    Passkey.objects.update(created_at=timezone.now())
    payment = compose(payer, bob, "1000.00")
    type_password(browser, payment)
    page = browser.get(at(payment, "prove/")).content.decode()
    assert "data-passkey=" not in page
    signed = key.get(asked_in(browser.get("/step-up/").content.decode()))
    assert answer(browser, payment, signed).status_code == 422
    assert money_of(bob) == 0
    code = read_code(str(payer.phone))
    assert browser.post(at(payment, "prove/"), {"code": code})["Location"] == at(payment)
    assert money_of(bob) == 1000_00
    prove_the_books()
