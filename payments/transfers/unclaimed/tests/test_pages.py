"""The offer on the transfer page, the waiting page, and the page that accepts."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tests.people import money_of
from payments.transfers.unclaimed.tests.builders import PHONE, waiting
from tests.cast import PAYMENT_PASSWORD, make_customer, prove_the_books, wallet_with
from tests.doors import signed_in
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db

TYPED = {"payee": "139 1234 0001", "amount": "30.00", "note": "lunch"}


def test_a_number_without_a_wallet_is_offered_to_wait(alice: User) -> None:
    wallet_with(alice, "100.00")
    browser = signed_in(alice)

    refused = browser.post("/transfer/", TYPED | {"compose_key": str(uuid4())})
    assert refused.status_code == 422
    assert_page_is_clean(refused.content.decode())
    assert 'formaction="/transfer/unclaimed/"' in refused.content.decode()

    checked = browser.post(
        "/transfer/unclaimed/", TYPED | {"compose_key": str(uuid4())}, follow=True
    )
    assert "comes back after 24 hours" in checked.content.decode()
    assert_page_is_clean(checked.content.decode())
    payment = Payment.objects.get()
    paid = browser.post(
        f"/pay/{payment.public_id}/authorise/", {"payment_password": PAYMENT_PASSWORD}, follow=True
    )
    assert "Waiting to be accepted" in paid.content.decode()
    assert "139 **** 0001" in paid.content.decode()
    assert_page_is_clean(paid.content.decode())

    stopped = browser.post(f"/pay/{payment.public_id}/stop/", follow=True)
    assert "The whole amount is back" in stopped.content.decode()
    assert money_of(alice) == 100_00
    prove_the_books()


def test_a_wallet_number_is_not_offered_to_wait(alice: User) -> None:
    wallet_with(alice, "100.00")
    browser = signed_in(alice)

    refused = browser.post(
        "/transfer/", TYPED | {"payee": "6210000000000000", "compose_key": str(uuid4())}
    )

    assert refused.status_code == 422
    assert "unclaimed" not in refused.content.decode()


def test_bad_input_is_answered_with_words_and_kept(alice: User) -> None:
    wallet_with(alice, "100.00")
    browser = signed_in(alice)
    for changed in (
        {"amount": "1e3"},
        {"payee": "\x00"},
        {"payee": ""},
        {"note": "x" * 41},
        {"compose_key": "no"},
        {"amount": "100.01"},
    ):
        answer = browser.post(
            "/transfer/unclaimed/", TYPED | {"compose_key": str(uuid4())} | changed
        )
        assert answer.status_code == 422, changed
        assert_page_is_clean(answer.content.decode())
    assert not Payment.objects.exists()


def test_the_receiver_is_told_at_home_and_accepts(alice: User) -> None:
    wallet_with(alice, "100.00")
    payment = waiting(alice)
    newcomer = make_customer("周新", phone=PHONE)
    browser = signed_in(newcomer)

    assert "is waiting for you" in browser.get("/home/").content.decode()
    page = browser.get("/transfer/claims/")
    assert "陈*远" in page.content.decode()
    assert_page_is_clean(page.content.decode())

    for _ in range(2):
        answer = browser.post(f"/transfer/claims/{payment.public_id}/accept/", follow=True)
        assert answer.status_code == 200
    assert money_of(newcomer) == 30_00
    assert browser.post(f"/transfer/claims/{payment.public_id}/decline/").status_code == 422
    assert "Nothing is waiting" in browser.get("/transfer/claims/").content.decode()
    prove_the_books()


def test_a_stranger_finds_nothing_under_the_address(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    payment = waiting(alice)
    browser = signed_in(bob)

    for verb in ("accept", "decline"):
        assert browser.post(f"/transfer/claims/{payment.public_id}/{verb}/").status_code == 404
        assert browser.get(f"/transfer/claims/{payment.public_id}/{verb}/").status_code == 405
    prove_the_books()
