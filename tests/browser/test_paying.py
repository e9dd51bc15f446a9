"""Sending money in a real browser: every page of the way, with a keyboard, and without script."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.services import cancel_payment, move_payment
from payments.processing.tests.people import compose, confirm, money_of
from tests.browser.axe import assert_page_is_accessible_everywhere, use_preferences
from tests.browser.walking import follow
from tests.cast import OTHER_PAYMENT_PASSWORD, PAYMENT_PASSWORD, prove_the_books, wallet_with

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


def cookie_of(user: User, address: str) -> Any:
    client = Client()
    client.force_login(user)
    value = client.cookies["wallet"].value
    return {"name": "wallet", "value": value, "url": address, "httpOnly": True}


@pytest.fixture
def signed_in(page: Page, live_server: Any, alice: User, bob: User) -> Page:
    """A tab in which alice, who has money, has signed in."""
    wallet_with(alice, "1000.00")
    wallet_with(bob)
    page.context.add_cookies([cookie_of(alice, live_server.url)])
    use_preferences(page, live_server.url, "en")
    return page


@pytest.mark.once
def test_the_pages_of_a_payment_are_accessible(signed_in: Page, alice: User, bob: User) -> None:
    unpaid, waiting, dropped = (compose(alice, bob, "10.00", "rent") for _ in range(3))
    paid = confirm(compose(alice, bob, "10.00"))
    move_payment(waiting, "processing", by=alice, reason="test")
    cancel_payment(payment=dropped)
    steps = [f"{unpaid.public_id}/{step}" for step in ("check/", "authorise/", "")]
    ends = [f"{payment.public_id}/" for payment in (waiting, dropped, paid)]

    for address in ["/opened/", "/transfer/", *(f"/pay/{end}" for end in steps + ends)]:
        signed_in.goto(address)
        assert_page_is_accessible_everywhere(signed_in)
    for _try in range(5):
        signed_in.goto(f"/pay/{unpaid.public_id}/authorise/")
        signed_in.get_by_label("Payment password").fill(OTHER_PAYMENT_PASSWORD)
        follow(signed_in.get_by_role("button", name="Confirm transfer"))
    expect(signed_in.get_by_role("heading", name="Payments are paused")).to_be_visible()
    assert_page_is_accessible_everywhere(signed_in)


def pay(tab: Page) -> None:
    """From the form to the result, with nothing but the keyboard once a field has focus."""
    tab.goto("/transfer/")
    tab.get_by_label("Payee's phone or wallet number").fill("139 0013 4412")
    tab.get_by_label("Amount").fill("600")
    tab.get_by_role("radio", name="At once once").press("Space")
    tab.get_by_label("Amount").press("Enter")
    expect(tab.get_by_role("heading", name="Check the transfer")).to_be_visible()
    tab.get_by_role("link", name="All correct").press("Enter")
    tab.get_by_label("Payment password").fill(PAYMENT_PASSWORD)
    tab.get_by_label("Payment password").press("Enter")
    expect(tab.get_by_role("heading", name="Transferred")).to_be_visible()


def test_money_is_sent_by_keyboard_and_going_back_shows_the_result(
    signed_in: Page, alice: User
) -> None:
    pay(signed_in)

    signed_in.go_back()
    signed_in.reload()

    expect(signed_in.get_by_role("heading", name="Transferred")).to_be_visible()
    assert money_of(alice) == 400_00
    assert Payment.objects.count() == 1
    prove_the_books()


def test_the_first_time_it_arrives_later_and_is_stopped_on_its_page(
    signed_in: Page, alice: User, bob: User
) -> None:
    signed_in.goto("/transfer/")
    signed_in.get_by_label("Payee's phone or wallet number").fill(str(bob.phone))
    signed_in.get_by_label("Amount").fill("600")
    signed_in.get_by_role("button", name="Next").click()
    expect(signed_in.get_by_text("After 2 hours, as it is your first transfer")).to_be_visible()
    signed_in.get_by_role("link", name="All correct").click()
    signed_in.get_by_label("Payment password").fill(PAYMENT_PASSWORD)
    signed_in.get_by_role("button", name="Confirm transfer").click()
    expect(signed_in.get_by_role("heading", name="On its way")).to_be_visible()
    assert money_of(alice) == 400_00
    assert_page_is_accessible_everywhere(signed_in)

    signed_in.get_by_role("button", name="Stop it, keep ¥600.00").click()

    expect(signed_in.get_by_role("heading", name="Cancelled")).to_be_visible()
    assert money_of(alice) == 1000_00
    prove_the_books()


def test_money_is_sent_without_any_script(
    signed_in: Page, live_server: Any, browser: Browser, alice: User
) -> None:
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    plain.add_cookies([cookie_of(alice, live_server.url)])
    tab = plain.new_page()
    use_preferences(tab, live_server.url, "en")

    pay(tab)

    assert money_of(alice) == 400_00
    plain.close()
    prove_the_books()
