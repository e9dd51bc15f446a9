"""Spending more than there is, twice, or other than shown (rows 1 to 5, 29, 30)."""

from __future__ import annotations

import re
import socket
import time
from urllib.parse import urlencode

import pytest

from accounts.users.models import User
from payments.processing.models import Payment
from payments.wallets.models import Wallet
from tests.attacks.client import CSRF_FIELD, Browser, at_once, tally, together
from tests.attacks.walks import Site, authorise, compose, money_of, transfer_fields
from tests.cast import PAYMENT_PASSWORD, fund, prove_the_books, wallet_with


def paid() -> int:
    return Payment.objects.filter(state="succeeded").count()


def test_fifty_payments_at_once_of_a_balance_worth_ten(
    site: Site, rich_alice: User, bob: User
) -> None:
    browser = site.signed_in(rich_alice)
    payments = [compose(browser, bob, "10.00") for _number in range(50)]
    answers = at_once(50, lambda number: authorise(browser.copy(), payments[number]))
    assert tally(answers) == {302: 10, 422: 40}
    assert (money_of(rich_alice), money_of(bob), paid()) == (0, 100_00, 10)
    for page in ("/home/", "/activity/"):
        assert not re.search(r"[-−]¥?0?\.?\d*1,", browser.get(page).text)
    prove_the_books()


def test_the_compose_form_and_the_confirmed_form_twenty_times_at_once_are_one_debit(
    site: Site, rich_alice: User, bob: User
) -> None:
    browser = site.signed_in(rich_alice)
    fields = transfer_fields(bob, "30.00")
    composed = at_once(20, lambda _: browser.copy().post("/transfer/", fields))
    assert {answer.location for answer in composed} == {composed[0].location}
    payment = composed[0].location.removesuffix("check/")
    answers = at_once(20, lambda _: authorise(browser.copy(), payment))
    assert {(answer.status, answer.location) for answer in answers} == {(302, payment)}
    again = [authorise(browser, payment), authorise(browser, payment, "000000")]
    assert {(answer.status, answer.location) for answer in again} == {(302, payment)}
    # "Back" to any page of the way leads to the result, and so does the first form.
    for page in (f"{payment}check/", f"{payment}authorise/"):
        assert browser.get(page).location == payment
    for _again in range(10):
        back = browser.post("/transfer/", fields).location
    assert browser.get(back).location == payment
    receipts = {Payment.objects.get().reference[:4] in browser.get(payment).text for _ in range(3)}
    assert receipts == {True}
    assert (money_of(rich_alice), money_of(bob), paid()) == (70_00, 30_00, 1)
    prove_the_books()


def test_a_used_form_with_another_amount_or_payee_moves_nothing(
    site: Site, rich_alice: User, bob: User, mallory: User
) -> None:
    browser = site.signed_in(rich_alice)
    fields = transfer_fields(bob, "5.00")
    payment = browser.post("/transfer/", fields).location.removesuffix("check/")
    assert authorise(browser, payment).status == 302
    for change in ({"amount": "50.00"}, {"payee": str(mallory.phone)}, {"note": "other"}):
        assert browser.post("/transfer/", {**fields, **change}).status == 422
    assert (Payment.objects.count(), money_of(rich_alice), money_of(mallory)) == (1, 95_00, 0)
    prove_the_books()


def test_thirty_payments_crosswise_neither_deadlock_nor_wait(
    site: Site, rich_alice: User, bob: User
) -> None:
    fund(wallet_with(bob), "100.00")
    there, back = site.signed_in(rich_alice), site.signed_in(bob)
    ways = [(there, compose(there, bob)) for _ in range(15)]
    ways += [(back, compose(back, rich_alice)) for _ in range(15)]
    began = time.monotonic()
    acts = [lambda way=way: authorise(way[0].copy(), way[1]) for way in ways]
    answers = together(acts)
    assert time.monotonic() - began < 30
    assert tally(answers) == {302: 30}
    assert (money_of(rich_alice), money_of(bob), paid()) == (100_00, 100_00, 30)
    prove_the_books()


@pytest.mark.parametrize("milliseconds", [0, 10, 50, 200])
def test_a_connection_cut_after_sending_and_the_form_sent_again_pay_once(
    site: Site, rich_alice: User, bob: User, milliseconds: int
) -> None:
    browser = site.signed_in(rich_alice)
    payment = compose(browser, bob, "12.00")
    _send_and_cut(browser, f"{payment}authorise/", milliseconds)
    answer = authorise(browser, payment)
    assert (answer.status, answer.location) == (302, payment)
    # The cut request may still be running; it finds the payment made.
    assert "12.00" in browser.get(payment).text
    assert (money_of(rich_alice), money_of(bob), paid()) == (88_00, 12_00, 1)
    prove_the_books()


def _send_and_cut(browser: Browser, path: str, milliseconds: int) -> None:
    fields = {"payment_password": PAYMENT_PASSWORD, CSRF_FIELD: browser.token()}
    body = urlencode(fields).encode()
    cookies = "; ".join(f"{name}={value}" for name, value in browser.cookies.items())
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1:{browser.port}\r\nCookie: {cookies}\r\n"
        f"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: {len(body)}\r\n\r\n"
    )
    with socket.create_connection(("127.0.0.1", browser.port), timeout=10) as wire:
        wire.sendall(head.encode() + body)
        time.sleep(milliseconds / 1000)
        # RST at once, as a lost radio link would look to the server's send.
        wire.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\1\0\0\0\0\0\0\0")


def test_what_was_shown_is_what_is_paid_whatever_is_added_to_the_last_form(
    site: Site, rich_alice: User, bob: User, mallory: User
) -> None:
    browser = site.signed_in(rich_alice)
    payment = compose(browser, bob, "7.00")
    mallet = str(Wallet.objects.get(owner=mallory).pk)
    added = {
        "amount": "0.01", "amount_minor": "1", "payee": str(mallory.phone), "currency": "JPY",
        "payee_wallet": mallet, "payee_wallet_id": mallet, "fee": "-5.00", "state": "succeeded",
    }  # fmt: skip
    query = urlencode(added)
    fields = [("payment_password", PAYMENT_PASSWORD), *added.items()]
    assert browser.post(f"{payment}authorise/?{query}", fields).location == payment
    assert (money_of(rich_alice), money_of(bob), money_of(mallory)) == (93_00, 7_00, 0)
    prove_the_books()


def test_a_doubled_field_is_paid_as_shown_or_refused(
    site: Site, rich_alice: User, bob: User
) -> None:
    browser = site.signed_in(rich_alice)
    pairs = [*transfer_fields(bob, "1.00").items(), ("amount", "9.00"), ("currency", "JPY")]
    answer = browser.post("/transfer/", pairs)
    assert answer.status in {302, 422}
    payment = Payment.objects.get()
    shown = f"{payment.amount_minor / 100:.2f}"
    assert shown in browser.get(answer.location).text
    authorise(browser, answer.location.removesuffix("check/"))
    assert money_of(bob) == payment.amount_minor
    assert payment.currency == "CNY"
    prove_the_books()


def test_a_wallet_frozen_or_closed_between_the_two_steps_pays_nothing(
    site: Site, rich_alice: User, bob: User, mallory: User
) -> None:
    browser = site.signed_in(rich_alice)
    payment, other = compose(browser, bob, "5.00"), compose(browser, mallory, "5.00")
    Wallet.objects.filter(owner=rich_alice).update(is_frozen=True)
    assert authorise(browser, payment).status == 422
    assert browser.post("/transfer/", transfer_fields(bob)).status == 422
    Wallet.objects.filter(owner=rich_alice).update(is_frozen=False)
    User.objects.filter(pk=mallory.pk).update(is_active=False)
    assert authorise(browser, other).location == other
    assert Payment.objects.get(payee_wallet__owner=mallory).state == "failed"
    assert (money_of(rich_alice), money_of(bob), money_of(mallory)) == (100_00, 0, 0)
    prove_the_books()


def test_nobody_pays_themselves_or_somebody_unknown(site: Site, rich_alice: User) -> None:
    browser = site.signed_in(rich_alice)
    own = Wallet.objects.get(owner=rich_alice).number
    for payee in (str(rich_alice.phone), own, "13999999999", "6210000000000000", "", "x" * 5000):
        assert browser.post("/transfer/", transfer_fields(payee)).status == 422
    assert Payment.objects.count() == 0
    prove_the_books()
