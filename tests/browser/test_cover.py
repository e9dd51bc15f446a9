"""The cover in a real browser, with a moved clock: what it hides, what it keeps, how it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import BrowserContext, Page, expect

from accounts.security.models import UserSession
from tests.browser.axe import assert_page_is_accessible_everywhere, use_preferences
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, wallet_with

pytestmark = [pytest.mark.browser, pytest.mark.once, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def tab(context: BrowserContext, live_server: Any, alice: Any) -> Page:
    """A tab in which alice has signed in and has money; its clock can be moved."""
    wallet_with(alice, "321.09")
    client = Client()
    client.force_login(alice)
    cookie: Any = {
        "name": "wallet",
        "value": client.cookies["wallet"].value,
        "url": live_server.url,
        "httpOnly": True,
    }
    context.add_cookies([cookie])
    context.clock.install()
    page = context.new_page()
    use_preferences(page, live_server.url, "en")
    return page


def wait(page: Page, minutes: float) -> None:
    """Time passes, for the browser and for the server."""
    for session in UserSession.objects.filter(ended_at=None):
        session.last_seen_at -= timedelta(minutes=minutes)
        session.save(update_fields=["last_seen_at"])
    page.clock.fast_forward(int(minutes * 60_000))


def dialog(page: Page) -> Any:
    return page.locator("#cover")


def type_transfer(page: Page) -> None:
    page.goto("/transfer/")
    page.get_by_label("Amount").fill("120.50")
    page.get_by_label("Note").fill("for tea")


def prove(page: Page) -> None:
    dialog(page).locator("input[name=payment_password]").fill(PAYMENT_PASSWORD)
    dialog(page).get_by_role("button", name="Go on", exact=True).click()


def test_the_cover_hides_everything_and_gives_it_back_as_it_was(tab: Page) -> None:
    type_transfer(tab)
    wait(tab, 4.5)
    expect(dialog(tab)).to_be_hidden()
    wait(tab, 0.6)
    expect(dialog(tab).get_by_role("heading", name="Are you still there?")).to_be_visible()
    expect(tab.locator("main")).to_be_hidden()
    assert "main" not in tab.locator("body").aria_snapshot()
    assert tab.title().startswith("Covered")
    tab.keyboard.press("Escape")
    tab.keyboard.press("Escape")
    expect(dialog(tab)).to_be_visible()
    for _ in range(12):
        tab.keyboard.press("Tab")
        assert tab.evaluate(
            "document.activeElement === document.body || "
            "document.querySelector('#cover').contains(document.activeElement)"
        )
    prove(tab)
    expect(dialog(tab)).to_be_hidden()
    expect(tab.get_by_label("Amount")).to_have_value("120.50")
    expect(tab.get_by_label("Note")).to_have_value("for tea")
    tab.goto("/home/")
    expect(tab.get_by_text("321.09").first).to_be_visible()


def test_the_cover_is_accessible(tab: Page) -> None:
    tab.goto("/home/")
    wait(tab, 5.1)
    expect(dialog(tab).get_by_role("heading")).to_be_visible()
    assert_page_is_accessible_everywhere(tab)


def test_a_wrong_password_is_said_in_the_cover_and_the_other_way_works(tab: Page) -> None:
    type_transfer(tab)
    wait(tab, 5.1)
    dialog(tab).locator("input[name=payment_password]").fill("111222")
    dialog(tab).get_by_role("button", name="Go on", exact=True).click()
    expect(dialog(tab).get_by_text("Wrong payment password").first).to_be_visible()
    expect(tab.locator("main")).to_be_hidden()
    dialog(tab).get_by_role("link", name="Use the login password instead").click()
    dialog(tab).locator("input[name=password]").fill(LOGIN_PASSWORD)
    dialog(tab).get_by_role("button", name="Go on", exact=True).click()
    expect(dialog(tab)).to_be_hidden()
    expect(tab.get_by_label("Amount")).to_have_value("120.50")


def test_the_warning_comes_before_the_end_and_one_press_stays(tab: Page) -> None:
    tab.goto("/home/")
    wait(tab, 5.1)
    expect(dialog(tab).locator("input[name=payment_password]")).to_be_visible()
    expect(dialog(tab).get_by_text("You will be signed out in", exact=False).first).to_be_hidden()
    wait(tab, 8.1)
    stay = dialog(tab).get_by_role("button", name="Stay signed in")
    expect(stay).to_be_visible()
    stay.click()
    expect(stay).to_be_hidden()
    wait(tab, 3)
    expect(tab.locator("main")).to_be_hidden()
    prove(tab)
    expect(tab.get_by_text("321.09").first).to_be_visible()


def test_at_the_end_the_screen_is_cleared_and_what_was_typed_comes_back(tab: Page) -> None:
    type_transfer(tab)
    wait(tab, 5.1)
    expect(dialog(tab).locator("input[name=payment_password]")).to_be_visible()
    wait(tab, 10.1)
    tab.wait_for_url("**/sign-in/?next=**")
    assert "321.09" not in tab.content()
    assert not UserSession.objects.filter(ended_at=None).exists()
    tab.locator("[name=phone]").fill("13800136027")
    tab.locator("[name=password]").fill(LOGIN_PASSWORD)
    tab.locator("main button[type=submit]").first.click()
    tab.wait_for_url("**/transfer/**")
    expect(tab.get_by_label("Amount")).to_have_value("120.50")
    expect(tab.get_by_label("Note")).to_have_value("for tea")


def test_tabs_agree(tab: Page) -> None:
    tab.goto("/home/")
    other = tab.context.new_page()
    other.goto("/activity/")
    wait(tab, 4)
    other.locator("main h1").click()
    other.clock.fast_forward(2_000)
    wait(tab, 2)
    expect(dialog(tab)).to_be_hidden()
    wait(tab, 5.1)
    expect(dialog(tab).locator("input[name=payment_password]")).to_be_visible()
    expect(dialog(other).locator("input[name=payment_password]")).to_be_visible()
    prove(tab)
    expect(dialog(tab)).to_be_hidden()
    expect(dialog(other)).to_be_hidden()


def test_typing_counts_as_being_there_for_the_server_too(tab: Page) -> None:
    tab.goto("/transfer/")
    wait(tab, 4)
    with tab.expect_response("**/sign-in/stay/"):
        tab.get_by_label("Note").press_sequentially("t")
        tab.clock.fast_forward(61_000)
    assert UserSession.objects.get(ended_at=None).last_seen_at > timezone.now() - timedelta(
        minutes=1
    )


def test_without_a_script_the_server_covers(browser: Any, live_server: Any, tab: Page) -> None:
    plain = browser.new_context(base_url=live_server.url, java_script_enabled=False, locale="en-GB")
    plain.add_cookies(tab.context.cookies())
    page = plain.new_page()
    page.goto("/transfer/")
    page.locator("[name=payee]").fill("13900134412")
    page.locator("[name=amount]").fill("12.00")
    UserSession.objects.update(last_seen_at=timezone.now() - timedelta(minutes=6))
    page.locator("main form button[type=submit]").first.click()
    page.wait_for_url("**/sign-in/resume/**")
    page.locator("[name=payment_password]").fill(PAYMENT_PASSWORD)
    page.get_by_role("button", name="Go on", exact=True).click()
    page.wait_for_url("**/transfer/**")
    assert page.locator("[name=amount]").input_value() == "12.00"
    plain.close()
