"""The pages of a payment: check, authorise, and the truth for ever."""

from __future__ import annotations

from datetime import timedelta
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.cases.payments import is_own_payment
from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.services import move_payment
from payments.processing.tests.people import compose, confirm, money_of
from tests.cast import OTHER_PAYMENT_PASSWORD, PAYMENT_PASSWORD, prove_the_books, wallet_with
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db


@pytest.fixture
def payment(alice: User, bob: User) -> Payment:
    wallet_with(alice, "1000.00")
    wallet_with(bob)
    return compose(alice, bob, "600.00", "rent")


@pytest.fixture
def browser(client: Client, alice: User) -> Client:
    client.force_login(alice)
    client.cookies["wallet-language"] = "en"
    return client


def address(payment: Payment, step: str = "") -> str:
    return f"/pay/{payment.public_id}/{step}"


def authorise(browser: Client, payment: Payment, raw: str = PAYMENT_PASSWORD):
    return browser.post(address(payment, "authorise/"), {"payment_password": raw})


def test_the_check_page_says_everything_before_anything_happens(
    browser: Client, payment: Payment
) -> None:
    html = browser.get(address(payment, "check/")).content.decode()

    assert_page_is_clean(html)
    for text in (
        "陆佰元整",
        "林*",
        "rent",
        "Your first transfer",
        "safe account",
        "139 0013 4412",
    ):
        assert text in html
    assert "林晓" not in html


def test_the_authorise_page_names_the_amount_on_its_button(
    browser: Client, payment: Payment
) -> None:
    html = browser.get(address(payment, "authorise/")).content.decode()

    assert_page_is_clean(html)
    assert "Confirm transfer ¥600.00" in html


def test_confirming_leads_to_the_result_and_every_later_post_does_too(
    browser: Client, payment: Payment, alice: User
) -> None:
    first = authorise(browser, payment)
    again = authorise(browser, payment)
    with_wrong_digits = authorise(browser, payment, OTHER_PAYMENT_PASSWORD)

    for answer in (first, again, with_wrong_digits):
        assert (answer.status_code, answer["Location"]) == (302, address(payment))
    html = browser.get(address(payment)).content.decode()
    assert_page_is_clean(html)
    assert "Transferred" in html and payment.spaced_reference in html
    assert money_of(alice) == 400_00
    for step in ("check/", "authorise/"):
        assert browser.get(address(payment, step))["Location"] == address(payment)
    prove_the_books()


def test_a_wrong_payment_password_is_answered_beside_its_field_and_never_shown_again(
    browser: Client, payment: Payment, alice: User
) -> None:
    answer = authorise(browser, payment, OTHER_PAYMENT_PASSWORD)

    html = answer.content.decode()
    assert answer.status_code == 422
    assert_page_is_clean(html)
    assert "Nothing was charged. 4 tries left" in html
    assert OTHER_PAYMENT_PASSWORD not in html
    assert money_of(alice) == 1000_00


@pytest.mark.parametrize("digits", ["", "12345", "１２３４５６", "1234567", "12345\x00", "abcdef"])
def test_what_is_no_payment_password_is_refused_without_counting(
    browser: Client, payment: Payment, digits: str
) -> None:
    assert authorise(browser, payment, digits).status_code == 422
    assert "4 tries" not in browser.get(address(payment, "authorise/")).content.decode()


def test_the_fifth_wrong_try_leads_to_the_locked_page(
    browser: Client, payment: Payment, alice: User
) -> None:
    for _try in range(4):
        authorise(browser, payment, OTHER_PAYMENT_PASSWORD)
    answer = authorise(browser, payment, OTHER_PAYMENT_PASSWORD)

    assert answer["Location"] == f"/locked/payment/?pay={payment.public_id}"
    html = browser.get(answer["Location"]).content.decode()
    assert_page_is_clean(html)
    assert "Opens again by itself" in html and "/recover/payment/" in html and "/help/" in html
    assert authorise(browser, payment)["Location"] == answer["Location"]
    assert browser.get(address(payment)).status_code == 200
    assert money_of(alice) == 1000_00
    with time_machine.travel(timezone.now() + timedelta(minutes=4), tick=False):
        assert browser.get(answer["Location"]).status_code == 200
    prove_the_books()


def test_an_open_wallet_has_no_locked_page(browser: Client, payment: Payment) -> None:
    assert browser.get("/locked/payment/")["Location"] == "/home/"
    with_payment = browser.get(f"/locked/payment/?pay={payment.public_id}")
    assert with_payment["Location"] == address(payment, "authorise/")


def test_not_enough_money_is_said_with_what_is_missing(
    browser: Client, payment: Payment, alice: User, bob: User
) -> None:
    confirm(compose(alice, bob, "700.00"))

    answer = authorise(browser, payment)

    assert answer.status_code == 422
    html = answer.content.decode()
    assert "¥600.00 due, ¥300.00 available, ¥300.00 short" in html and "/top-up/" in html
    assert money_of(alice) == 300_00
    prove_the_books()


def test_an_unpaid_payment_says_that_nothing_was_charged(browser: Client, payment: Payment) -> None:
    html = browser.get(address(payment)).content.decode()

    assert_page_is_clean(html)
    assert "Not paid yet" in html and address(payment, "check/") in html


def test_a_cancelled_payment_stays_cancelled(
    browser: Client, payment: Payment, alice: User
) -> None:
    assert browser.post(address(payment, "cancel/"))["Location"] == address(payment)
    assert authorise(browser, payment)["Location"] == address(payment)

    html = browser.get(address(payment)).content.decode()
    assert_page_is_clean(html)
    assert "You cancelled this" in html
    assert money_of(alice) == 1000_00


def test_cancelling_a_paid_payment_shows_that_it_was_paid(
    browser: Client, payment: Payment
) -> None:
    authorise(browser, payment)

    browser.post(address(payment, "cancel/"))

    assert "Transferred" in browser.get(address(payment)).content.decode()
    prove_the_books()


def test_looking_never_cancels_or_pays(browser: Client, payment: Payment, alice: User) -> None:
    assert browser.get(address(payment, "cancel/")).status_code == 405
    browser.get(address(payment, "authorise/"), {"payment_password": PAYMENT_PASSWORD})

    payment.refresh_from_db()
    assert payment.state == "created"


def test_an_overdue_payment_reads_as_expired_and_cannot_be_paid(
    browser: Client, payment: Payment, alice: User
) -> None:
    Payment.objects.filter(pk=payment.pk).update(expires_at=timezone.now())

    assert authorise(browser, payment)["Location"] == address(payment)
    html = browser.get(address(payment)).content.decode()
    assert_page_is_clean(html)
    assert "Expired" in html and "change=" in html
    assert money_of(alice) == 1000_00


def test_a_payment_that_waits_says_not_to_pay_again_and_asks_by_itself(
    browser: Client, payment: Payment, alice: User
) -> None:
    # A top-up waits for the bank; a transfer has a page of its own for that.
    payment.kind = "top_up"
    payment.save(update_fields=["kind"])
    move_payment(payment, "processing", by=alice, reason="test")

    html = browser.get(address(payment)).content.decode()

    assert_page_is_clean(html)
    assert 'http-equiv="refresh" content="5"' in html
    assert "charged once at most" in html
    Payment.objects.filter(pk=payment.pk).update(
        confirmed_at=timezone.now() - timedelta(minutes=31)
    )
    later = browser.get(address(payment)).content.decode()
    assert 'content="30"' in later and "our staff" in later


@pytest.mark.parametrize("step", ["", "check/", "authorise/"])
def test_another_persons_payment_is_not_found_like_one_that_never_was(
    client: Client, payment: Payment, mallory: User, step: str
) -> None:
    client.force_login(mallory)

    assert client.get(address(payment, step)).status_code == 404
    assert client.get(f"/pay/{uuid4()}/{step}").status_code == 404


def test_another_person_can_neither_authorise_nor_cancel(
    client: Client, payment: Payment, bob: User, alice: User
) -> None:
    client.force_login(bob)

    assert authorise(client, payment).status_code == 404
    assert client.post(address(payment, "cancel/")).status_code == 404
    assert client.get(f"/locked/payment/?pay={payment.public_id}").status_code == 404
    payment.refresh_from_db()
    assert payment.state == "created"


def test_who_is_not_signed_in_comes_back_to_the_same_page(client: Client, payment: Payment) -> None:
    answer = client.get(address(payment, "authorise/"))

    assert answer.status_code == 302
    assert answer["Location"].endswith(f"?next={address(payment, 'authorise/')}")


def test_a_form_without_its_token_moves_nothing(alice: User, payment: Payment) -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.force_login(alice)

    assert authorise(strict, payment).status_code == 403
    assert money_of(alice) == 1000_00


def test_hidden_fields_cannot_change_what_is_paid(
    browser: Client, payment: Payment, alice: User, bob: User
) -> None:
    browser.post(
        address(payment, "authorise/"),
        {
            "payment_password": PAYMENT_PASSWORD,
            "amount": "1.00",
            "amount_minor": "1",
            "payee": "x",
            "currency": "JPY",
            "state": "succeeded",
        },
    )

    assert (money_of(alice), money_of(bob)) == (400_00, 600_00)
    prove_the_books()


def test_pages_of_money_are_not_kept_by_browsers(browser: Client, payment: Payment) -> None:
    for step in ("", "check/", "authorise/"):
        assert "no-store" in browser.get(address(payment, step))["Cache-Control"]


def test_an_interrupted_payment_is_gone_on_with(
    browser: Client, payment: Payment, bob: User
) -> None:
    assert browser.get("/pay/resume/")["Location"] == address(payment)
    hers = Client()
    hers.force_login(bob)
    assert hers.get("/pay/resume/")["Location"] == "/activity/"
    authorise(browser, payment)
    html = browser.get("/pay/resume/", follow=True).content.decode()
    assert "No payment of yours is unfinished" in html
    prove_the_books()


def test_a_case_names_payments_of_both_sides_and_of_nobody_else(
    payment: Payment, alice: User, bob: User, mallory: User
) -> None:
    assert [is_own_payment(who, payment.reference) for who in (alice, bob, mallory)] == [
        True,
        True,
        False,
    ]
