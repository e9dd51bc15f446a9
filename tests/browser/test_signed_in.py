"""The main pages of a signed-in person in a real browser, and the button that hides amounts."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.security.models import UserSession
from tests.browser.axe import assert_page_is_accessible_everywhere, use_preferences

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]

PAGES = [
    "/home/", "/activity/", "/transfer/", "/top-up/", "/cards/", "/security/", "/me/",
    "/me/identity/", "/security/login-password/", "/security/payment-password/", "/step-up/",
    "/support/", "/support/new/",
]  # fmt: skip


@pytest.fixture
def signed_in(page: Page, live_server: Any, alice: Any) -> Page:
    """A tab in which alice has signed in, and has just confirmed that it is her."""
    client = Client()
    client.force_login(alice)
    client.get("/home/")
    UserSession.objects.filter(user=alice).update(proved_at=timezone.now())
    cookie: Any = {
        "name": "wallet",
        "value": client.cookies["wallet"].value,
        "url": live_server.url,
        "httpOnly": True,
    }
    page.context.add_cookies([cookie])
    use_preferences(page, live_server.url, "en")
    return page


@pytest.mark.once
@pytest.mark.parametrize("address", PAGES)
def test_a_main_page_is_accessible(signed_in: Page, address: str) -> None:
    signed_in.goto(address)
    assert "/sign-in/" not in signed_in.url
    assert_page_is_accessible_everywhere(signed_in)


def test_amounts_hide_at_once_and_stay_hidden(signed_in: Page) -> None:
    signed_in.goto("/home/")
    amount = signed_in.locator("[data-amount]").first
    expect(amount).to_be_visible()
    with signed_in.expect_response("**/preferences/amounts/"):
        signed_in.get_by_role("button", name="Hide amounts").click()
    expect(amount).to_be_hidden()
    signed_in.reload()
    expect(amount).to_be_hidden()
    expect(signed_in.get_by_role("button", name="Hide amounts")).to_have_attribute(
        "aria-pressed", "true"
    )
