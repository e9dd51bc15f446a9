"""The page on which a transfer is prepared."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.test import Client

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tests.people import compose, confirm, money_of
from payments.wallets.models import Wallet
from payments.wallets.services import freeze_wallet
from tests.cast import make_customer, prove_the_books, wallet_with
from tests.limits import with_limits
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db

BAD_AMOUNTS = [
    ("", "Enter an amount"),
    ("0", "more than zero"),
    ("0.00", "more than zero"),
    ("-1", "cannot be negative"),
    ("−1", "cannot be negative"),
    ("1e3", "without the letter e"),
    ("1e400", "without the letter e"),
    ("１２", "plain keyboard"),
    ("٣", "plain keyboard"),
    ("一百", "plain keyboard"),
    ("½", "plain keyboard"),
    ("12.345", "at most 2 digits"),
    ("0.001", "at most 2 digits"),
    ("NaN", "not an amount"),
    ("sNaN", "not an amount"),
    ("Infinity", "not an amount"),
    ("0x10", "Write the amount in digits"),
    ("+1", "Write the amount in digits"),
    ("1_0", "Leave out commas"),
    ("1/2", "Write the amount in digits"),
    ("1,000", "Leave out commas"),
    ("99999999999999999999", "too large"),
    ("9" * 400, "too large"),
    ("1\x00", "cannot be seen"),
    ("\x00", "cannot be seen"),
]


@pytest.fixture
def browser(client: Client, alice: User, bob: User) -> Client:
    wallet_with(alice, "1000.00")
    wallet_with(bob)
    client.force_login(alice)
    client.cookies["wallet-language"] = "en"
    return client


def send(browser: Client, **changes: Any):
    data = {
        "payee": "139 0013 4412",
        "amount": "12.50",
        "note": "",
        "compose_key": str(uuid4()),
    }
    return browser.post("/transfer/", data | changes)


def test_a_transfer_is_prepared_and_shown_for_checking(browser: Client) -> None:
    page = browser.get("/transfer/").content.decode()
    assert_page_is_clean(page)
    assert "Available ¥1,000.00" in page

    answer = send(browser)

    payment = Payment.objects.get()
    assert answer["Location"] == f"/pay/{payment.public_id}/check/"
    assert (payment.amount_minor, payment.state) == (12_50, "created")


def test_a_wallet_number_finds_the_payee_however_it_is_spaced(browser: Client, bob: User) -> None:
    number = Wallet.objects.get(owner=bob).number
    spaced = " ".join(number[at : at + 4] for at in range(0, 16, 4))

    assert send(browser, payee=spaced).status_code == 302


@pytest.mark.parametrize(("typed", "sentence"), BAD_AMOUNTS)
def test_what_is_no_amount_is_refused_by_name(browser: Client, typed: str, sentence: str) -> None:
    answer = send(browser, amount=typed, note="for lunch")

    html = answer.content.decode()
    assert answer.status_code == 422
    assert sentence in html
    assert "139 0013 4412" in html and "for lunch" in html
    assert not Payment.objects.exists()


@pytest.mark.parametrize(
    ("typed", "sentence"),
    [
        ("", "Enter the phone or wallet number"),
        ("123", "neither a mobile number"),
        ("1390013441\x00", "neither a mobile number"),
        ("13900134412; DROP", "neither a mobile number"),
        ("6210000000000000", "neither a mobile number"),
        ("9" * 5000, "neither a mobile number"),
        ("138 0000 0061", "No wallet has this number"),
        ("138 0013 6027", "your own wallet"),
    ],
)
def test_who_cannot_be_paid_is_refused_by_name(browser: Client, typed: str, sentence: str) -> None:
    answer = send(browser, payee=typed)

    assert answer.status_code == 422
    assert sentence in answer.content.decode()
    assert not Payment.objects.exists()


def test_a_closed_payee_is_answered_like_an_unknown_number(browser: Client, bob: User) -> None:
    unknown = send(browser, payee="138 0000 0061").content.decode()
    Wallet.objects.filter(owner=bob).update(closed_at="2026-01-01T00:00:00Z")

    closed = send(browser).content.decode()

    def sentence(html: str) -> str:
        return re.search(r'class="errorlist".*?</ul>', html, re.S).group()  # type: ignore[union-attr]

    assert sentence(closed) == sentence(unknown)


def test_one_page_names_all_mistakes_of_shape(browser: Client) -> None:
    html = send(browser, payee="12", amount="0", note="x" * 41).content.decode()

    assert_page_is_clean(html)
    assert "3 things need your attention" in html
    assert "Nothing was transferred." in html


def test_more_than_there_is_is_refused_with_what_is_missing(browser: Client) -> None:
    html = send(browser, amount="1500").content.decode()

    assert "¥1,500.00 due, ¥1,000.00 available, ¥500.00 short" in html


def test_a_frozen_wallet_prepares_nothing(browser: Client, alice: User) -> None:
    freeze_wallet(wallet=Wallet.objects.get(owner=alice), by=alice, reason="test")

    assert "Your wallet is frozen" in browser.get("/transfer/").content.decode()
    assert send(browser).status_code == 422


def test_the_note_keeps_nothing_that_cannot_be_seen(browser: Client) -> None:
    send(browser, note="a\u202eb\u200bc\x00 <script>alert(1)</script>\n d")

    payment = Payment.objects.get()
    assert payment.note == "abc <script>alert(1)</script> d"
    html = browser.get(f"/pay/{payment.public_id}/check/").content.decode()
    assert "&lt;script&gt;" in html and "<script>alert" not in html


def test_a_note_that_is_too_long_is_refused(browser: Client) -> None:
    answer = send(browser, note="长" * 5000)

    assert answer.status_code == 422
    assert "at most 40 characters" in answer.content.decode()


def test_a_form_sent_again_leads_to_the_same_payment(browser: Client) -> None:
    key = str(uuid4())

    assert send(browser, compose_key=key)["Location"] == send(browser, compose_key=key)["Location"]
    assert Payment.objects.count() == 1


def test_a_form_sent_again_after_the_last_money_went_shows_its_result(browser: Client) -> None:
    key = str(uuid4())
    send(browser, compose_key=key, amount="1000.00")
    confirm(Payment.objects.get())

    again = send(browser, compose_key=key, amount="1000.00")

    page = f"/pay/{Payment.objects.get().public_id}/"
    assert again["Location"] == f"{page}check/"
    assert browser.get(again["Location"])["Location"] == page
    prove_the_books()


def test_a_used_form_with_another_amount_is_refused_and_gets_a_new_key(browser: Client) -> None:
    key = str(uuid4())
    send(browser, compose_key=key)

    answer = send(browser, compose_key=key, amount="99.00")

    html = answer.content.decode()
    assert answer.status_code == 422
    assert "already used for ¥12.50" in html
    assert key not in html and "99.00" in html
    assert Payment.objects.count() == 1


@pytest.mark.parametrize("key", ["", "x", "1" * 5000, "\x00"])
def test_a_form_without_its_key_is_shown_again_with_a_good_one(browser: Client, key: str) -> None:
    answer = send(browser, compose_key=key)

    assert answer.status_code == 422
    good = re.search(r'name="compose_key" value="([0-9a-f-]{36})"', answer.content.decode())
    assert good and send(browser, compose_key=good.group(1)).status_code == 302


def test_extra_fields_change_nothing(browser: Client, alice: User) -> None:
    send(browser, currency="JPY", payer_wallet="2", state="succeeded", amount_minor="1", fee="-5")

    payment = Payment.objects.get()
    assert (payment.currency, payment.state, payment.amount_minor) == ("CNY", "created", 12_50)
    assert payment.created_by == alice


def test_looking_up_payees_is_throttled(browser: Client, settings: Any) -> None:
    with_limits(settings, "payee.lookup", person=[(2, 60)])
    statuses = [send(browser, payee="138 0000 0061").status_code for _ in range(3)]

    assert statuses == [422, 422, 429]


def test_recent_payees_are_one_press_away(browser: Client, alice: User, bob: User) -> None:
    paid = confirm(compose(alice, bob, "1.00"))

    html = browser.get("/transfer/").content.decode()

    assert_page_is_clean(html)
    assert f"?again={paid.public_id}" in html and "林*" in html and "林晓" not in html
    filled = browser.get(f"/transfer/?again={paid.public_id}").content.decode()
    assert 'value="139 0013 4412"' in filled
    prove_the_books()


def test_changing_a_checked_transfer_keeps_what_was_typed(browser: Client) -> None:
    send(browser, note="rent")
    payment = Payment.objects.get()

    html = browser.get(f"/transfer/?change={payment.public_id}").content.decode()

    assert 'value="12.50"' in html and 'value="rent"' in html


def test_who_hides_amounts_sees_no_balance_here_either(browser: Client, alice: User) -> None:
    alice.hide_amounts = True
    alice.save()

    html = browser.get("/transfer/").content.decode()

    assert "1,000.00" not in html and "¥5,000.00" in html


def test_another_persons_payment_fills_in_nothing(browser: Client, bob: User, alice: User) -> None:
    wallet_with(bob, "5.00")
    theirs = compose(bob, alice, "1.00")

    assert browser.get(f"/transfer/?again={theirs.public_id}").status_code == 404
    assert browser.get("/transfer/?again=x").status_code == 200


def test_the_first_payment_to_a_payee_is_marked_and_the_second_is_not(
    browser: Client, alice: User, bob: User
) -> None:
    first = compose(alice, bob, "1.00")
    assert first.is_first_to_payee
    confirm(first)

    assert not compose(alice, bob, "1.00").is_first_to_payee
    assert money_of(bob) == 1_00
    prove_the_books()


def test_a_payee_without_a_name_is_shown_by_the_masked_number(browser: Client) -> None:
    nameless = make_customer(phone="+8613600131111", id_number="")
    wallet = wallet_with(nameless)

    send(browser, payee="13600131111")

    assert Payment.objects.get().counterparty_label == wallet.masked_number
