"""The page of a result that nobody knows yet: what it says, how it asks, and where it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.users.models import User
from payments.banking.cases import services
from payments.banking.cases.models import PaymentCase
from payments.banking.clearing import open_overdue_cases
from payments.banking.models import BankOrder, BankReturn
from payments.banking.states import OrderKind
from payments.banking.tests.banks import PENDING, REFUSED, RETURNED, SETTLED, TOLD, ToldRail
from payments.banking.tests.builders import (
    hear,
    link_card,
    order_of,
    prepared_withdrawal,
    withdrawn,
)
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import PAYMENT_PASSWORD, make_staff, prove_the_books, wallet_with
from tests.pages import assert_page_is_clean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


@pytest.fixture
def order(alice: User, phones: Any, settings: Any, client: Client) -> BankOrder:
    """alice's withdrawal of 120.00, on its way to a bank that says what it is told."""
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": TOLD}
    wallet_with(alice, "500.00")
    client.force_login(alice)
    client.cookies["wallet-language"] = "en"
    return order_of(withdrawn(alice, link_card(alice), 120_00), OrderKind.PAY_OUT)


def url_of(payment: Payment, name: str = "result") -> str:
    return reverse(f"processing:{name}", args=[payment.public_id])


def page(client: Client, path: str) -> str:
    response = client.get(path)
    assert response.status_code == 200, path
    html = response.content.decode()
    assert_page_is_clean(html)
    return html


def test_the_page_says_what_to_do_and_asks_by_itself(client: Client, order: BankOrder) -> None:
    html = page(client, url_of(order.payment))
    for words in ("120.00", order.payment.counterparty_label, "once at most"):
        assert words in html
    assert 'data-refresh-after="5"' in html
    assert '<meta http-equiv="refresh" content="5">' in html
    Payment.objects.update(confirmed_at=timezone.now() - timedelta(minutes=2))
    assert 'data-refresh-after="30"' in page(client, url_of(order.payment))


@pytest.mark.parametrize(
    ("said", "state"), [(SETTLED, PaymentState.SUCCEEDED), (REFUSED, PaymentState.FAILED)]
)
def test_ask_now_really_asks_and_the_same_page_tells(
    client: Client, order: BankOrder, said: Any, state: str
) -> None:
    ask = url_of(order.payment, "ask")
    assert ask in page(client, url_of(order.payment))
    assert client.get(ask).status_code == 405
    ToldRail.begin(said)
    # Its time has not come, but the customer asks.
    BankOrder.objects.update(next_at=timezone.now() + timedelta(hours=1))
    assert client.post(ask)["Location"] == url_of(order.payment)
    assert Payment.objects.get(pk=order.payment_id).state == state
    assert "data-refresh-after" not in page(client, url_of(order.payment))
    prove_the_books()


def test_asking_all_the_time_asks_the_bank_now_and_then(client: Client, order: BankOrder) -> None:
    ToldRail.begin(PENDING)
    for _again in range(5):
        client.post(url_of(order.payment, "ask"))
    assert len(ToldRail.submitted) + len(ToldRail.polled) == 1
    assert "asked a moment ago" in page(client, url_of(order.payment))


def test_nobody_else_may_ask(client: Client, order: BankOrder, mallory: User) -> None:
    client.force_login(mallory)
    ToldRail.begin(SETTLED)
    assert client.post(url_of(order.payment, "ask")).status_code == 404
    assert ToldRail.submitted == []


def test_after_thirty_minutes_the_page_says_who_is_on_it(client: Client, order: BankOrder) -> None:
    BankOrder.objects.update(created_at=timezone.now() - timedelta(minutes=31))
    open_overdue_cases()
    case = PaymentCase.objects.get()
    html = page(client, url_of(order.payment))
    assert case.number in html
    assert "queue" in html
    services.take_case(case_id=case.pk, by=make_staff("Operations"))
    assert "has been on it since" in page(client, url_of(order.payment))
    hear(order, SETTLED)
    assert case.number not in page(client, url_of(order.payment))


def test_money_that_came_back_is_told_on_both_records(
    client: Client, alice: User, order: BankOrder
) -> None:
    hear(order, SETTLED, RETURNED)
    back = BankReturn.objects.get().payment
    assert back is not None
    for payment in (order.payment, back):
        html = page(client, reverse("records:entry", args=[payment.public_id]))
        assert "card is closed" in html
    assert back.spaced_reference in page(client, url_of(order.payment))
    assert "card is closed" in page(client, url_of(back))
    for path in ("/home/", "/activity/"):
        page(client, path)
    page(client, reverse("records:receipt", args=[back.public_id]))
    prove_the_books()


def test_a_confirmation_whose_answer_was_cut_is_safe_to_repeat(
    client: Client, alice: User, order: BankOrder
) -> None:
    payment = prepared_withdrawal(alice, order.card, 50_00)
    sent = {"payment_password": PAYMENT_PASSWORD}
    first = client.post(url_of(payment, "authorise"), sent)
    # The browser never saw `first`: a reload sends it again, another tab shows the truth.
    again = client.post(url_of(payment, "authorise"), sent)
    assert first["Location"] == again["Location"] == url_of(payment)
    assert client.get(url_of(payment, "authorise"))["Location"] == url_of(payment)
    assert BankOrder.objects.count() == 2
    assert wallet_balance(get_wallet_for(alice)).available_minor == 330_00
    assert "once at most" in page(client, url_of(payment) + "?sent=1")


def test_a_confirmation_that_may_be_on_its_way_reads_as_checking_for_a_minute(
    client: Client, alice: User, order: BankOrder
) -> None:
    payment = prepared_withdrawal(alice, order.card, 50_00)
    assert url_of(payment) + "?sent=1" in page(client, url_of(payment, "authorise"))
    for turn in (1, 12):
        html = page(client, f"{url_of(payment)}?sent={turn}")
        assert "do not pay again" in html
        assert f"?sent={turn + 1}" in html
        assert url_of(payment, "check") not in html
    html = page(client, url_of(payment) + "?sent=13")
    assert "did not reach us" in html
    assert url_of(payment, "check") in html
    for junk in ("", "-1", "x", "²", "9" * 50):
        assert url_of(payment, "check") in page(client, f"{url_of(payment)}?sent={junk}")
