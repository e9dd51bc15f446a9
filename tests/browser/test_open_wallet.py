"""Opening a wallet in a real browser, phone size, with and without JavaScript."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.users.selectors import find_user_by_phone
from tests.browser.axe import assert_page_is_accessible_everywhere
from tests.browser.walking import follow
from tests.cast import (
    LOGIN_PASSWORD,
    PAYMENT_PASSWORD,
    make_id_number,
    make_phone,
    read_code,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]


def _walk(page: Page, phone: str) -> None:
    """Fill in the pages up to the code."""
    page.goto("/open/")
    assert_page_is_accessible_everywhere(page)
    page.get_by_label("Name", exact=True).fill("陈思远")
    page.get_by_label("ID number").fill(make_id_number())
    page.get_by_label("Phone number").fill(phone[3:])
    page.get_by_label("I have read and agree").check()
    follow(page.get_by_role("button", name="Continue"))
    assert_page_is_accessible_everywhere(page)
    page.get_by_label("Payment password", exact=True).fill(PAYMENT_PASSWORD)
    page.get_by_label("Payment password again").fill(PAYMENT_PASSWORD)
    page.get_by_label("Login password", exact=True).fill(LOGIN_PASSWORD)
    page.get_by_role("button", name=re.compile("get the code")).click()
    expect(page).to_have_url(re.compile("/open/code/$"))


def test_a_new_customer_opens_a_wallet(page: Page) -> None:
    phone = make_phone()
    _walk(page, phone)
    assert_page_is_accessible_everywhere(page)
    expect(page.get_by_text("1 of 5 codes used this hour")).to_be_visible()
    resend = page.locator("#resend")
    expect(resend).to_be_disabled()
    expect(resend).to_contain_text(re.compile(r"in \d+ s"))
    page.get_by_text("No code?").click()
    expect(page.get_by_role("link", name="Use another phone")).to_be_visible()
    page.get_by_label("6-digit code").fill("000000")
    page.get_by_role("button", name="Open the wallet").click()
    expect(page.get_by_text("4 tries left").first).to_be_visible()
    page.reload()
    page.get_by_label("6-digit code").fill(read_code(phone))
    page.get_by_role("button", name="Open the wallet").click()
    expect(page).to_have_url(re.compile("/opened/$"))
    assert find_user_by_phone(phone) is not None


def test_it_works_without_scripts(browser: Any, live_server: Any) -> None:
    context = browser.new_context(
        base_url=live_server.url,
        locale="en-GB",
        viewport={"width": 390, "height": 844},
        java_script_enabled=False,
    )
    page = context.new_page()
    page.set_default_timeout(10_000)
    phone = make_phone()
    page.goto("/open/")
    page.get_by_role("link", name="Open it with the phone number only").click()
    page.get_by_label("Phone number").fill(phone[3:])
    page.get_by_label("I have read and agree").check()
    page.get_by_role("button", name="Continue").click()
    page.get_by_label("Payment password", exact=True).fill(PAYMENT_PASSWORD)
    page.get_by_label("Payment password again").fill(PAYMENT_PASSWORD)
    page.get_by_label("Login password", exact=True).fill(LOGIN_PASSWORD)
    page.get_by_role("button", name=re.compile("get the code")).click()
    page.locator(
        "noscript button, button:not([disabled])", has_text="Send a new code"
    ).first.click()
    expect(page.get_by_text("You can ask again in")).to_be_visible()
    page.get_by_role("link", name="Look again").click()
    page.get_by_label("6-digit code").fill(read_code(phone))
    page.get_by_role("button", name="Open the wallet").click()
    expect(page).to_have_url(re.compile("/opened/$"))
    context.close()
