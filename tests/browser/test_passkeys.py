"""Passkeys in a real browser, with the browser's own virtual authenticator."""

from __future__ import annotations

from base64 import b64encode
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.conf import settings
from django.utils import timezone
from playwright.sync_api import Page, expect

from accounts.factors.models import Passkey
from accounts.security.models import UserSession
from accounts.users.models import User
from payments.processing.tests.people import compose, money_of
from payments.proving.rules import set_rules
from payments.proving.selectors import Rules
from tests.authenticators import SoftAuthenticator, give_passkey, settle
from tests.browser.axe import assert_page_is_accessible_everywhere, use_preferences
from tests.browser.walking import follow
from tests.cast import (
    LOGIN_PASSWORD,
    PAYMENT_PASSWORD,
    make_staff,
    prove_the_books,
    wallet_with,
)

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


class Finger:
    """The virtual authenticator of the browser, and whether its owner lets it sign."""

    def __init__(self, page: Page) -> None:
        self.devtools = page.context.new_cdp_session(page)
        self.devtools.send("WebAuthn.enable")
        made = self.devtools.send(
            "WebAuthn.addVirtualAuthenticator",
            {
                "options": {
                    "protocol": "ctap2",
                    "transport": "internal",
                    "hasResidentKey": True,
                    "hasUserVerification": True,
                    "isUserVerified": True,
                }
            },
        )
        self.number = made["authenticatorId"]

    def takes(self, key: SoftAuthenticator) -> None:
        """Hold a passkey that was made elsewhere."""
        private = key.key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
        held = {
            "credentialId": b64encode(key.credential_id).decode(),
            "isResidentCredential": True,
            "rpId": key.domain,
            "privateKey": b64encode(private).decode(),
            "userHandle": b64encode(key.handle).decode(),
            "signCount": key.count,
        }
        asked = {"authenticatorId": self.number, "credential": held}
        self.devtools.send("WebAuthn.addCredential", asked)

    def is_right(self, right: Any) -> None:
        """Whether the next finger is the owner's."""
        asked = {"authenticatorId": self.number, "isUserVerified": right}
        self.devtools.send("WebAuthn.setUserVerified", asked)


@pytest.fixture
def finger(page: Page) -> Finger:
    return Finger(page)


def cover(user: User) -> None:
    """As if nobody had touched the page for six minutes."""
    before = timezone.now() - timedelta(minutes=6)
    UserSession.objects.filter(user=user, ended_at=None).update(last_seen_at=before)


def test_the_life_of_a_passkey(
    page: Page, finger: Finger, live_server: Any, alice: User, bob: User
) -> None:
    wallet_with(alice, "2000.00")
    wallet_with(bob)
    set_rules(user=alice, rules=Rules(20_00))
    use_preferences(page, live_server.url, "en")
    page.goto("/sign-in/?next=/security/two-factor/")
    page.get_by_label("Phone").fill(str(alice.phone))
    page.get_by_label("Login password").fill(LOGIN_PASSWORD)
    follow(page.get_by_role("button", name="Sign in", exact=True))
    page.get_by_label("Login password").fill(LOGIN_PASSWORD)
    follow(page.get_by_role("button", name="Confirm"))
    assert_page_is_accessible_everywhere(page)
    follow(page.get_by_role("link", name="Add a passkey"))
    assert_page_is_accessible_everywhere(page)
    page.get_by_label("Name").fill("My laptop")
    finger.is_right(False)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_text("The passkey was not used")).to_be_visible()
    finger.is_right(True)
    page.get_by_role("button", name="Make the passkey").click()
    expect(page.get_by_role("heading", name="Two-step sign-in is on")).to_be_visible()
    assert page.locator("main ol li").count() == 10

    page.context.clear_cookies()
    use_preferences(page, live_server.url, "en")
    page.goto("/sign-in/?next=/home/")
    assert_page_is_accessible_everywhere(page)
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{live_server.url}/home/")

    cover(alice)
    page.goto("/activity/")
    expect(page.get_by_role("heading", name="Are you still there?")).to_be_visible()
    page.get_by_role("button", name="Use a passkey").click()
    expect(page).to_have_url(f"{live_server.url}/activity/")

    # A passkey counts for payments from the day after it was added.
    settle(alice)
    payment = compose(alice, bob, "25.00")
    page.goto(f"/pay/{payment.public_id}/authorise/")
    page.get_by_label("Payment password").fill(PAYMENT_PASSWORD)
    page.get_by_label("Payment password").press("Enter")
    expect(page.get_by_role("heading", name="One more proof")).to_be_visible()
    assert_page_is_accessible_everywhere(page)
    page.get_by_role("button", name="Confirm ¥25.00 with a passkey").click()
    expect(page.get_by_role("heading", name="Transferred")).to_be_visible()
    assert money_of(bob) == 25_00

    page.goto("/security/two-factor/")
    follow(page.get_by_role("button", name="Use a passkey"))
    follow(page.get_by_role("link", name="Change My laptop"))
    assert_page_is_accessible_everywhere(page)
    page.get_by_role("button", name="Remove this passkey").click()
    expect(page.get_by_text("The passkey is removed")).to_be_visible()
    assert not Passkey.objects.exists()

    page.goto("/security/")
    follow(page.get_by_role("link", name="A passkey was removed").first)
    assert_page_is_accessible_everywhere(page)
    page.get_by_role("button", name="Take it back").click()
    expect(page.get_by_text("Taken back. Every other device")).to_be_visible()
    page.context.clear_cookies()
    use_preferences(page, live_server.url, "en")
    page.goto("/sign-in/?next=/security/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{live_server.url}/security/")
    prove_the_books()


def test_staff_sign_in_to_the_admin_with_a_passkey_alone(
    page: Page, finger: Finger, live_server: Any
) -> None:
    agent, key = make_staff("Support"), SoftAuthenticator(origin=live_server.url)
    give_passkey(agent, key)
    finger.takes(key)
    use_preferences(page, live_server.url, "en")
    page.goto("/admin/desk/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{live_server.url}/admin/desk/")


def test_a_page_that_covered_itself_is_given_back_where_it_was(
    page: Page, finger: Finger, live_server: Any, alice: User
) -> None:
    key = SoftAuthenticator(origin=live_server.url)
    give_passkey(alice, key)
    finger.takes(key)
    use_preferences(page, live_server.url, "en")
    page.goto("/sign-in/?next=/activity/")
    page.get_by_role("button", name="Sign in with a passkey").click()
    expect(page).to_have_url(f"{live_server.url}/activity/")
    page.clock.install()
    page.reload()
    page.clock.fast_forward((settings.SESSIONS["customer_cover_seconds"] + 5) * 1000)
    finger.is_right(False)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.get_by_text("The passkey was not used")).to_be_visible()
    finger.is_right(True)
    page.get_by_role("button", name="Use a passkey").click()
    expect(page.locator("dialog[open]")).to_have_count(0)
    assert not UserSession.objects.filter(user=alice, covered_at__isnull=False).exists()


def test_without_script_the_other_ways_stay(browser: Any, live_server: Any, alice: User) -> None:
    context = browser.new_context(base_url=live_server.url, java_script_enabled=False)
    tab = context.new_page()
    use_preferences(tab, live_server.url, "en")
    tab.goto("/sign-in/")
    expect(tab.get_by_role("button", name="Sign in with a passkey")).to_be_hidden()
    tab.get_by_label("Phone").fill(str(alice.phone))
    tab.get_by_label("Login password").fill(LOGIN_PASSWORD)
    follow(tab.get_by_role("button", name="Sign in", exact=True))
    tab.goto("/security/passkeys/add/")
    tab.get_by_label("Login password").fill(LOGIN_PASSWORD)
    tab.get_by_role("button", name="Confirm").click()
    expect(tab.get_by_text("This browser makes no passkeys")).to_be_visible()
    context.close()
