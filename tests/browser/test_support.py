"""Locked out and not signed in: help is found, support answers, the answer is read."""

from __future__ import annotations

import re
from typing import Any

import pytest
from playwright.sync_api import Page, expect

from accounts.cases.models import Case
from accounts.cases.services import assign, reply_as_staff
from accounts.phone.models import SmsCode
from tests.browser.axe import assert_page_is_accessible_everywhere, use_preferences
from tests.browser.walking import follow
from tests.cast import make_phone, read_code

pytestmark = [
    pytest.mark.browser,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]


def test_somebody_locked_out_finds_help_writes_and_reads_the_answer(
    page: Page, olivia: Any
) -> None:
    phone = make_phone()
    page.goto("/help/")
    assert_page_is_accessible_everywhere(page)
    page.get_by_role("searchbox").fill("locked out")
    follow(page.get_by_role("button", name="Search"))
    page.locator("a.row").first.click()
    expect(page).to_have_url(re.compile("/help/locked/$"))
    assert_page_is_accessible_everywhere(page)
    page.get_by_role("link", name="Write to support").click()
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_page_is_accessible_everywhere(page)
    page.get_by_label("Your phone number").fill(phone)
    page.get_by_label("In a few words").fill("Locked out")
    page.get_by_label("What happened?").fill("My code was 482913.\nWhat now?")
    page.get_by_role("button", name="Send").click()
    expect(page.get_by_text("We blanked out")).to_be_visible()
    case = Case.objects.get()
    expect(page.get_by_text(case.number)).to_be_visible()
    assert_page_is_accessible_everywhere(page)
    assign(case=case, to=olivia)
    reply_as_staff(case=case, by=olivia, body="It ends by itself at noon.")
    SmsCode.objects.all().delete()
    reading_code = page.locator("[translate=no] strong").inner_text()
    page.get_by_role("link", name="Go to the case").click()
    expect(page.get_by_text("It ends by itself at noon.")).to_be_visible()
    assert_page_is_accessible_everywhere(page)
    # In another browser: with the reading code, or with a code to the phone.
    page.get_by_role("button", name="Forget the case in this browser").click()
    page.get_by_role("link", name="I have the reading code").click()
    page.get_by_label("Number of the case").fill(case.number)
    page.get_by_label("Reading code").fill("wrong")
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_role("alert")).to_be_focused()
    assert_page_is_accessible_everywhere(page)
    page.get_by_label("Reading code").fill(reading_code)
    page.get_by_role("button", name="Open the case").click()
    expect(page.get_by_text("It ends by itself at noon.")).to_be_visible()
    page.get_by_role("button", name="Forget the case in this browser").click()
    page.get_by_label("Number of the case").fill(case.number)
    page.get_by_label("Phone number that you gave").fill(phone)
    page.get_by_role("button", name="Send the code").click()
    expect(page).to_have_url(re.compile("/support/contact/code/$"))
    page.get_by_label("6-digit code").fill(read_code(phone))
    page.get_by_role("button", name="Continue").click()
    expect(page.get_by_text("It ends by itself at noon.")).to_be_visible()
    assert page.get_by_text("482913").count() == 0
    assert_page_is_accessible_everywhere(page)


def test_the_first_help_page_reads_well_in_chinese(page: Page, live_server: Any) -> None:
    use_preferences(page, live_server.url, "zh-hans")
    page.goto("/help/?q=验证码")
    expect(page.locator("a.row").first).to_contain_text("收不到验证码")
    assert_page_is_accessible_everywhere(page)
