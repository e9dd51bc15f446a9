"""Public pages and the component page in a real browser: both sizes, schemes and languages."""

from __future__ import annotations

from typing import Any

import pytest
from playwright.sync_api import Page, expect

from tests.browser.axe import (
    assert_page_is_accessible,
    assert_page_is_accessible_everywhere,
    axe_violations,
    small_targets,
    use_preferences,
    wide_parts,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.urls("tests.browser.components"),
]

PAGES = [
    "/", "/help/", "/offline/", "/security-promises/", "/test/components/", "/nothing-here/",
    "/test/throttled/", "/activity/test/", "/sign-in/", "/recover/login/", "/open/",
    "/open/phone/", "/terms/service/", "/terms/privacy/", "/locked/", "/verify/",
]  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", PAGES)
def test_a_page_is_accessible_in_both_sizes_and_schemes(
    page: Page, live_server: Any, address: str, language: str
) -> None:
    use_preferences(page, live_server.url, language)
    page.goto(live_server.url + address)
    assert_page_is_accessible_everywhere(page)


@pytest.mark.once
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_a_refused_form_is_accessible_and_takes_the_focus(
    page: Page, live_server: Any, scheme: Any
) -> None:
    page.emulate_media(color_scheme=scheme)
    use_preferences(page, live_server.url, "en")
    page.goto(live_server.url + "/test/components/")
    page.get_by_role("button", name="Confirm ¥128.50").click()
    expect(page.get_by_role("alert")).to_be_focused()
    expect(page).to_have_title("Error: Components · Example Bank Wallet")
    assert_page_is_accessible(page)
    page.get_by_role("link", name="Phone number:").click()
    expect(page.get_by_label("Phone number")).to_be_focused()


def test_no_page_breaks_its_own_policy(page: Page, live_server: Any) -> None:
    said: list[str] = []
    page.on("console", lambda message: said.append(message.text))
    page.on("pageerror", lambda error: said.append(str(error)))
    for address in PAGES:
        page.goto(live_server.url + address)
    assert [line for line in said if "Failed to load resource" not in line] == []


def test_the_checks_find_what_they_should(page: Page) -> None:
    page.set_content("<main><img src='x'><button>x</button><p hidden>y</p></main>")
    assert any(found.startswith("image-alt") for found in axe_violations(page))
    assert len(small_targets(page)) == 1
    page.set_content("<pre>" + "wide " * 500 + "</pre>")
    assert wide_parts(page)


def test_icons_are_drawn(page: Page, live_server: Any) -> None:
    page.goto(live_server.url + "/test/components/")
    box = page.evaluate("() => document.querySelector('.back use').getBBox().width")
    assert box > 0


def test_the_payment_password_is_one_field_drawn_as_six_cells(page: Page, live_server: Any) -> None:
    use_preferences(page, live_server.url, "en")
    page.goto(live_server.url + "/test/components/")
    field = page.get_by_label("Payment password")
    field.fill("123４56")
    assert field.input_value() == "123456"
    assert page.locator(".pin__cell--full").count() == 6
    expect(page.locator("[data-pin-said]")).to_have_text("6 of 6 digits entered")
    expect(page.locator('[data-rule="length"]')).to_have_class("is-met")
    expect(page.locator('[data-rule="order"]')).not_to_have_class("is-met")
    field.fill("739258")
    expect(page.locator(".rules .is-met")).to_have_count(4)


def test_the_amount_says_its_highest_place(page: Page, live_server: Any) -> None:
    use_preferences(page, live_server.url, "en")
    page.goto(live_server.url + "/test/components/")
    page.get_by_label("Amount", exact=True).fill("12,000")
    expect(page.locator("#id_amount_place")).to_have_text("Highest place: ten thousand")


def test_a_password_can_be_looked_at(page: Page, live_server: Any) -> None:
    use_preferences(page, live_server.url, "en")
    page.goto(live_server.url + "/test/components/")
    field = page.get_by_label("Login password")
    page.get_by_role("button", name="Show", exact=True).click()
    expect(field).to_have_attribute("type", "text")
    page.get_by_role("button", name="Hide", exact=True).click()
    expect(field).to_have_attribute("type", "password")


def test_the_language_changes_on_the_spot_without_script(browser: Any, live_server: Any) -> None:
    context = browser.new_context(java_script_enabled=False, locale="en-GB")
    page = context.new_page()
    page.goto(live_server.url + "/help/")
    page.get_by_role("button", name="中文").first.click()
    assert page.url == live_server.url + "/help/"
    expect(page.locator("html")).to_have_attribute("lang", "zh-Hans")
    context.close()
