"""The security centre, another phone, and "that was not me", in a real browser; the walks without
script."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.phone.models import SmsCode
from accounts.phone_change.models import PhoneChange
from accounts.recycled.models import NumberClaim
from accounts.recycled.states import ClaimState
from accounts.security.models import UserSession
from accounts.users.models import User
from payments.safety.selectors import list_open_freezes
from tests.browser.axe import (
    NARROW,
    assert_page_is_accessible_everywhere,
    use_preferences,
    wide_parts,
)
from tests.browser.walking import follow
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, read_code, read_sms, wallet_with

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]
NEW = "+8613900139123"


def sign_in(tab: Page, user: User, address: str, language: str = "en") -> None:
    client = Client()
    client.force_login(user)
    value = client.cookies["wallet"].value
    cookie: Any = {"name": "wallet", "value": value, "url": address, "httpOnly": True}
    tab.context.add_cookies([cookie])
    use_preferences(tab, address, language)


@pytest.fixture
def plain(browser: Browser, live_server: Any) -> Iterator[Page]:
    """A browser without script, in English."""
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    tab = context.new_page()
    use_preferences(tab, live_server.url, "en")
    yield tab
    context.close()


def type_code(tab: Page, phone: str) -> None:
    tab.get_by_label("code", exact=False).first.fill(read_code(phone))
    follow(tab.locator("main form button[type=submit]").first)


def prove_again(tab: Page) -> None:
    tab.get_by_label("Login password").fill(LOGIN_PASSWORD)
    follow(tab.locator("main form button[type=submit]").first)


@pytest.mark.once
def test_the_centre_in_both_languages_and_on_the_narrowest_phone(
    page: Page, live_server: Any, alice: User
) -> None:
    wallet_with(alice)
    for language, heading, log in (
        ("zh-hans", "安全中心", "安全记录"),
        ("en", "Security centre", "Security records"),
    ):
        sign_in(page, alice, live_server.url, language)
        page.goto("/security/")
        expect(page.get_by_role("heading", level=1, name=heading)).to_be_visible()
        assert_page_is_accessible_everywhere(page)
        page.goto("/security/log/?kind=staff")
        page.goto("/security/log/")
        expect(page.get_by_role("heading", level=1, name=log)).to_be_visible()
        assert_page_is_accessible_everywhere(page)
    page.set_viewport_size(NARROW)  # type: ignore[arg-type]
    assert not wide_parts(page)
    for path in ("/number/", "/former-number/", "/not-me/"):
        page.goto(path)
        assert_page_is_accessible_everywhere(page)


def test_another_phone_with_the_old_one_and_a_thief_stopped_from_its_message(
    plain: Page, browser: Browser, live_server: Any, alice: User
) -> None:
    wallet_with(alice)
    old = str(alice.phone)
    sign_in(plain, alice, live_server.url)
    plain.goto("/security/")
    follow(plain.get_by_role("link", name=re.compile("Phone number")))
    prove_again(plain)
    plain.get_by_label("New phone number").fill(NEW.removeprefix("+86"))
    follow(plain.get_by_role("button", name="Continue"))
    type_code(plain, old)
    SmsCode.objects.filter(phone=old).delete()
    expect(plain.get_by_role("heading", name="Code to the new phone")).to_be_visible()
    type_code(plain, NEW)
    expect(plain.get_by_text("Your phone number is changed.")).to_be_visible()
    assert str(User.objects.get(pk=alice.pk).phone) == NEW

    number = re.search(r"Number: (\S{4}-\S{4})", read_sms(old))
    assert number
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    owner = context.new_page()
    use_preferences(owner, live_server.url, "en")
    owner.goto("/not-me/")
    owner.get_by_label("Number of the change").fill(number[1])
    owner.get_by_label("Phone number that got the message").fill(old.removeprefix("+86"))
    SmsCode.objects.all().delete()
    follow(owner.get_by_role("button", name="Send the code"))
    type_code(owner, old)
    owner.get_by_role("button", name="Stop everything").click()
    expect(owner.get_by_text("Every device is signed out and no money leaves.")).to_be_visible()
    owner.get_by_role("button", name="Take it back").click()
    expect(owner.get_by_text("Taken back.").first).to_be_visible()
    context.close()
    alice.refresh_from_db()
    assert str(alice.phone) == old and list_open_freezes(alice)
    assert not UserSession.objects.filter(user=alice, ended_at=None).exists()


def test_without_the_old_phone_it_waits_and_a_number_somebody_asks_for_is_kept(
    plain: Page, browser: Browser, live_server: Any, alice: User
) -> None:
    wallet_with(alice)
    digits = decrypt(Identity.objects.get(user=alice).id_number_encrypted)[-6:]
    sign_in(plain, alice, live_server.url)
    plain.goto("/security/phone/")
    prove_again(plain)
    plain.get_by_label("New phone number").fill(NEW.removeprefix("+86"))
    plain.get_by_text("No, it is gone").click()
    follow(plain.get_by_role("button", name="Continue"))
    plain.get_by_label("Payment password").fill(PAYMENT_PASSWORD)
    plain.get_by_label(re.compile("ID number")).fill(digits)
    plain.get_by_role("button", name="Continue and get the code").click()
    type_code(plain, NEW)
    expect(plain.get_by_role("heading", name=re.compile("Your number becomes"))).to_be_visible()
    assert PhoneChange.objects.get().takes_effect_at > timezone.now()  # type: ignore[operator]
    plain.get_by_role("button", name="Stop the change").click()
    expect(plain.get_by_text("Stopped: your number stays as it is.")).to_be_visible()

    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    other, phone = context.new_page(), str(alice.phone)
    use_preferences(other, live_server.url, "en")
    SmsCode.objects.all().delete()
    other.goto("/number/")
    other.get_by_label("Your phone number").fill(phone.removeprefix("+86"))
    other.get_by_role("button", name="Send the code").click()
    type_code(other, phone)
    expect(other.get_by_role("heading", name="You have asked for the number")).to_be_visible()
    plain.goto("/security/")
    plain.get_by_role("link", name=re.compile("Is your phone number still yours")).click()
    plain.get_by_role("button", name="It is still mine").click()
    expect(plain.get_by_text("Your number stays yours.")).to_be_visible()
    other.reload()
    expect(other.get_by_role("heading", name="The number is not free")).to_be_visible()
    context.close()
    assert NumberClaim.objects.get().state == ClaimState.OBJECTED
