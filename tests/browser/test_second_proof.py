"""A second proof in a real browser: choosing when, giving it, with and without script."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from playwright.sync_api import Browser, Page, expect

from accounts.factors.services import enrol_authenticator
from accounts.signin.tests.doors import app_code
from accounts.users.models import User
from payments.processing.tests.people import compose, money_of
from payments.proving.rules import set_rules
from payments.proving.selectors import Rules, rules_of
from tests.authenticators import settle
from tests.browser.axe import assert_page_is_accessible_everywhere, use_preferences
from tests.cast import PAYMENT_PASSWORD, prove_the_books, read_code, wallet_with

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]


def sign_in(tab: Page, user: User, address: str) -> None:
    client = Client()
    client.force_login(user)
    value = client.cookies["wallet"].value
    cookie: Any = {"name": "wallet", "value": value, "url": address, "httpOnly": True}
    tab.context.add_cookies([cookie])
    use_preferences(tab, address, "en")


def test_chosen_shown_and_given(page: Page, live_server: Any, alice: User, bob: User) -> None:
    wallet_with(alice, "1000.00")
    wallet_with(bob)
    sign_in(page, alice, live_server.url)
    page.goto("/security/payments/")
    assert_page_is_accessible_everywhere(page)
    page.get_by_label("From this amount on").fill("20")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("It holds for every payment")).to_be_visible()
    assert rules_of(alice) == Rules(20_00, 500_00, on_new_devices=True)

    secret = enrol_authenticator(user=alice).secret
    settle(alice)
    payment = compose(alice, bob, "25.00")
    page.goto(f"/pay/{payment.public_id}/authorise/")
    field = page.get_by_label("Payment password")
    field.fill(PAYMENT_PASSWORD)
    assert "7" not in page.locator(".pin__cells").inner_text()
    page.get_by_role("button", name="Show the digits").click()
    assert "".join(page.locator(".pin__cells").inner_text().split()) == PAYMENT_PASSWORD
    page.get_by_role("button", name="Hide the digits").click()
    assert field.get_attribute("type") == "password"
    field.press("Enter")
    expect(page.get_by_role("heading", name="One more proof")).to_be_visible()
    assert_page_is_accessible_everywhere(page)
    page.get_by_label("Code from your authenticator app").fill("000000")
    page.get_by_role("button", name="Confirm ¥25.00").click()
    expect(page.get_by_text("4 tries left")).to_be_visible()
    page.get_by_label("Code from your authenticator app").fill(app_code(secret))
    page.get_by_role("button", name="Confirm ¥25.00").click()
    expect(page.get_by_role("heading", name="Transferred")).to_be_visible()
    assert money_of(bob) == 25_00
    prove_the_books()


def test_a_message_without_script(
    browser: Browser, live_server: Any, alice: User, bob: User
) -> None:
    wallet_with(alice, "1000.00")
    wallet_with(bob)
    set_rules(user=alice, rules=Rules(20_00))
    payment = compose(alice, bob, "25.00")
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    tab = context.new_page()
    sign_in(tab, alice, live_server.url)
    tab.goto(f"/pay/{payment.public_id}/authorise/")
    tab.get_by_label("Payment password").fill(PAYMENT_PASSWORD)
    tab.get_by_role("button", name="Confirm transfer").click()
    tab.get_by_label("6-digit code").fill(read_code(str(alice.phone)))
    tab.get_by_role("button", name="Confirm ¥25.00").click()
    expect(tab.get_by_role("heading", name="Transferred")).to_be_visible()
    context.close()
    assert money_of(bob) == 25_00
    prove_the_books()
