"""The code page in a real browser while providers fail, and after."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.phone.models import SmsCode, SmsProvider
from accounts.phone.outbox import deliver_due
from tests.browser.axe import assert_page_is_accessible_everywhere
from tests.cast import read_code

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]


def test_a_customer_learns_that_messages_are_held_up_and_then_that_one_came(
    page: Page, alice: Any
) -> None:
    rests_until = timezone.now() + timedelta(seconds=60)
    SmsProvider.objects.create(name="recording", failures=3, rests_until=rests_until)
    page.goto("/recover/login/")
    page.get_by_label("Phone number").fill(str(alice.phone)[3:])
    page.get_by_role("button", name="Send the code").click()
    expect(page).to_have_url(re.compile("/recover/login/code/$"))
    banner = page.get_by_role("heading", name="Text messages are held up at the moment")
    expect(banner).to_be_visible()
    assert_page_is_accessible_everywhere(page)
    assert deliver_due() == 0
    SmsProvider.objects.update(failures=0, rests_until=None)
    SmsCode.objects.update(claimed_until=None)
    assert deliver_due() == 1
    page.get_by_role("link", name="Look again").click()
    expect(page.get_by_text("On its way to your phone")).to_be_visible()
    expect(banner).to_have_count(0)
    assert read_code(str(alice.phone))
