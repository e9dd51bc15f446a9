"""The slip one can print, and its check by whoever holds it."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from accounts.users.models import User
from payments.processing.models import Payment
from payments.records.receipts import check_code
from payments.records.tests.builders import composed, sent
from tests.cast import prove_the_books, wallet_with
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(alice: User, bob: User) -> Payment:
    """600.00 from alice to bob, arrived."""
    wallet_with(alice, "5000.00")
    wallet_with(bob)
    return sent(alice, bob, "600.00", "rent")


def receipt_path(payment: Payment) -> str:
    return reverse("records:receipt", args=[payment.public_id])


def test_the_slip_says_everything_once(client: Client, alice: User, payment: Payment) -> None:
    client.force_login(alice)
    response = client.get(receipt_path(payment))
    html = response.content.decode()
    assert_page_is_clean(html)
    for text in ("人民币陆佰元整", "陈思远", "林*", check_code(payment), payment.spaced_reference):
        assert text in html
    assert "data-amount-mask" not in html
    prove_the_books()


def test_the_payee_prints_it_with_the_payer_masked(
    client: Client, bob: User, payment: Payment
) -> None:
    client.force_login(bob)
    html = client.get(receipt_path(payment)).content.decode()
    assert "陈*远" in html
    assert "陈思远" not in html
    assert "林晓" in html


def test_what_has_not_settled_has_no_receipt(client: Client, alice: User, bob: User) -> None:
    wallet_with(alice, "10.00")
    wallet_with(bob)
    waiting = composed(alice, bob, "6.00")
    client.force_login(alice)
    assert client.get(receipt_path(waiting)).status_code == 404


def test_anybody_can_check_a_receipt(client: Client, payment: Payment) -> None:
    assert_page_is_clean(client.get("/verify/").content.decode())
    sent_as = {
        "reference": payment.spaced_reference.lower(),
        "check_code": check_code(payment).lower().replace("-", " "),
    }
    response = client.post("/verify/", sent_as)
    assert response.status_code == 200
    html = response.content.decode()
    assert_page_is_clean(html)
    assert "¥600.00" in html
    assert "陈" not in html


def test_no_match_never_says_why(client: Client, alice: User, payment: Payment) -> None:
    code = check_code(payment)
    wrong_code = ("0" if code[0] != "0" else "1") + code[1:]
    tries = [
        (payment.reference, wrong_code),
        ("34679ACDEFGH", code),
        ("34679ACDEFGH", "nonsense"),
        (payment.reference, "０"),
    ]
    said = set()
    for reference, check in tries:
        response = client.post("/verify/", {"reference": reference, "check_code": check})
        assert response.status_code == 422
        assert b"600.00" not in response.content
        said.add(str(response.context["form"].non_field_errors()))
    assert len(said) == 1


def test_every_payment_has_its_own_code(alice: User, bob: User, payment: Payment) -> None:
    codes = {check_code(payment)} | {check_code(sent(alice, bob, "600.00")) for _times in range(5)}
    assert len(codes) == 6
    assert all(len(code) == 14 for code in codes)
    prove_the_books()


def test_guessing_codes_is_stopped(client: Client, payment: Payment) -> None:
    guess = {"reference": payment.reference, "check_code": "0000-0000-0000"}
    answers = [client.post("/verify/", guess).status_code for _times in range(11)]
    assert answers == [422] * 10 + [429]


def test_an_empty_check_form_gets_sentences(client: Client, db: None) -> None:
    response = client.post("/verify/", {"reference": "", "check_code": "\x00"})
    assert response.status_code == 422
    assert_page_is_clean(response.content.decode())
