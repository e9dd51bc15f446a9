"""A transfer is planned, read and changed in a real browser, with and without script."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.users.models import User
from payments.transfers.standing_orders.models import StandingOrder
from tests.browser.axe import assert_page_is_accessible_everywhere, use_preferences
from tests.browser.test_paying import cookie_of
from tests.cast import PAYMENT_PASSWORD, wallet_with

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def signed_in(page: Page, live_server: Any, alice: User, bob: User) -> Page:
    """A tab in which alice has signed in."""
    wallet_with(alice, "100.00")
    wallet_with(bob)
    page.context.add_cookies([cookie_of(alice, live_server.url)])
    use_preferences(page, live_server.url, "en")
    return page


def plan(tab: Page, *, is_read: bool) -> None:
    """From the form to the order in force; axe reads every page on the way if `is_read`."""

    def read() -> None:
        if is_read:
            assert_page_is_accessible_everywhere(tab)

    tab.goto("/transfer/later/new/")
    read()
    tab.get_by_label("Payee's phone or wallet number").fill("139 0013 4412")
    tab.get_by_label("Amount").fill("300")
    tab.get_by_role("radio", name="Every week").check()
    tomorrow = timezone.localdate() + timedelta(days=1)
    tab.get_by_label("First date").fill(tomorrow.isoformat())
    tab.get_by_role("button", name="Next: check").click()
    expect(tab.get_by_role("heading", name="Check the planned transfer")).to_be_visible()
    read()
    tab.get_by_role("link", name="All correct").click()
    read()
    tab.get_by_label("Payment password").fill(PAYMENT_PASSWORD)
    tab.get_by_role("button", name="Confirm the plan").click()
    expect(tab.get_by_role("heading", name="It is planned")).to_be_visible()
    read()


@pytest.mark.once
def test_the_pages_of_a_plan_are_accessible_and_it_is_paused_and_cancelled(
    signed_in: Page,
) -> None:
    plan(signed_in, is_read=True)
    order = StandingOrder.objects.get()
    signed_in.goto(f"/transfer/later/{order.public_id}/amount/")
    assert_page_is_accessible_everywhere(signed_in)
    signed_in.goto("/transfer/later/")
    expect(signed_in.get_by_text("¥200.00 short")).to_be_visible()
    assert_page_is_accessible_everywhere(signed_in)

    signed_in.get_by_role("link", name="Every week").click()
    signed_in.get_by_role("button", name="Pause").click()
    expect(signed_in.get_by_role("button", name="Resume")).to_be_visible()
    signed_in.get_by_text("Cancel this plan").first.click()
    signed_in.get_by_role("button", name="Cancel this plan").click()

    expect(signed_in.get_by_text("Cancelled")).to_be_visible()
    order.refresh_from_db()
    assert order.state == "cancelled"


def test_a_transfer_is_planned_without_any_script(
    signed_in: Page, live_server: Any, browser: Browser, alice: User
) -> None:
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    plain.add_cookies([cookie_of(alice, live_server.url)])
    tab = plain.new_page()
    use_preferences(tab, live_server.url, "en")

    plan(tab, is_read=False)

    plain.close()
    assert StandingOrder.objects.get().state == "active"
