"""A customer and a helper at once: from the case to the end of a lock, then looking together."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Page, expect

from accounts.cases.services import open_case
from accounts.factors.models import Authenticator
from accounts.factors.services import enrolment_details
from accounts.payment_password.selectors import payment_password_state
from accounts.security.models import UserSession
from accounts.signin.tests.doors import app_code, sign_in_staff
from accounts.support.tests.test_desk import id_digits, lock_payment_password
from accounts.users.models import User
from payments.processing.tests.people import compose, confirm
from tests.browser.axe import (
    DESKTOP,
    PHONE,
    assert_page_is_accessible_everywhere,
    axe_violations,
    use_preferences,
    wide_parts,
)
from tests.browser.walking import follow
from tests.cast import LOGIN_PASSWORD, prove_the_books, wallet_with

pytestmark = [
    pytest.mark.browser,
    pytest.mark.once,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]


def let_in(tab: Page, client: Client, address: str) -> None:
    value = client.cookies["wallet"].value
    cookie: Any = {"name": "wallet", "value": value, "url": address, "httpOnly": True}
    tab.context.add_cookies([cookie])
    use_preferences(tab, address, "en")


@pytest.fixture
def hers(page: Page, live_server: Any, alice: User, bob: User) -> Page:
    """alice, who has paid bob and then typed a wrong payment password five times."""
    wallet_with(alice, "100.00")
    wallet_with(bob)
    confirm(compose(alice, bob, "57.91"))
    lock_payment_password(alice)
    client = Client()
    client.force_login(alice)
    let_in(page, client, live_server.url)
    return page


@pytest.fixture
def helper(browser: Browser, live_server: Any, olivia: User) -> Any:
    """olivia at the desk, in a browser of her own."""
    context = browser.new_context(base_url=live_server.url, locale="en-GB", viewport=DESKTOP)  # type: ignore[arg-type]
    tab = context.new_page()
    client = Client()
    sign_in_staff(client, olivia)
    let_in(tab, client, live_server.url)
    yield tab
    context.close()


def assert_staff_page_reads_well(tab: Page, address: str) -> None:
    """In both languages, on a phone and on a desk, light and dark."""
    faults = []
    for language, schemes in (("zh-hans", ("light", "dark")), ("en", ("dark", "light"))):
        use_preferences(tab, address, language)
        tab.reload()
        for size, scheme in zip((PHONE, DESKTOP), schemes, strict=True):
            tab.set_viewport_size(size)  # type: ignore[arg-type]
            media: Any = {"color_scheme": scheme, "reduced_motion": "reduce"}
            tab.emulate_media(**media)
            found = [*axe_violations(tab), *wide_parts(tab)]
            faults += [f"{language} {size} {scheme}: {each}" for each in found]
    assert not faults, "\n".join(faults)


def read_out(tab: Page) -> str:
    """What the customer reads off her screen."""
    return tab.locator("p.bigclock").inner_text().strip().lower().replace("-", " ")


def test_from_a_case_to_the_end_of_a_lock_and_looking_together(
    hers: Page, helper: Page, live_server: Any, alice: User, olivia: User
) -> None:
    case = open_case(user=alice, topic="locked", subject="Cannot pay", body="It says locked.")
    helper.goto("/admin/desk/cases/")
    helper.get_by_role("link", name=case.number).click()
    helper.get_by_role("button", name="Take the case").click()
    helper.get_by_role("link", name="Open the customer").click()
    helper.get_by_label("Reason").fill("says she cannot pay")
    helper.get_by_role("button", name="Open the customer").click()
    expect(helper.get_by_text("Next: ask for a code")).to_be_visible()
    assert_staff_page_reads_well(helper, live_server.url)

    hers.goto("/security/")
    follow(hers.get_by_role("link", name="Help from a person"))
    assert_page_is_accessible_everywhere(hers)
    follow(hers.get_by_role("button", name="Make a code"))
    assert_page_is_accessible_everywhere(hers)
    code = read_out(hers)
    helper.get_by_label("Code on the customer's screen").first.fill(code)
    helper.get_by_role("button", name="Check this code").click()
    expect(helper.get_by_text("Next: ask for the last 6")).to_be_visible()
    helper.get_by_label("Last 6 characters").fill(id_digits(alice))
    helper.get_by_role("button", name="Compare").click()
    expect(helper.get_by_text("Checked: locks can be ended.")).to_be_visible()
    helper.get_by_role("link", name="End this lock").click()
    secret = enrolment_details(Authenticator.objects.get(user=olivia)).secret
    helper.locator("[name=password]").fill(LOGIN_PASSWORD)
    helper.locator("[name=code]").fill(app_code(secret))
    helper.get_by_role("button", name="Confirm").click()
    helper.get_by_label("Reason").fill("checked by phone")
    helper.get_by_role("button", name="End the payment password lock").click()
    expect(helper.get_by_text("The lock is ended")).to_be_visible()
    assert not payment_password_state(alice).is_locked

    hers.goto("/security/helper/look/")
    hers.get_by_role("button", name="Make the code").click()
    expect(hers.get_by_role("alert")).to_be_focused()
    assert_page_is_accessible_everywhere(hers)
    hers.get_by_role("checkbox").check()
    hers.get_by_role("button", name="Make the code").click()
    code = read_out(hers)
    helper.get_by_text("With a code of theirs").click()
    helper.get_by_label("Code on the customer's screen").last.fill(code)
    helper.get_by_role("button", name="Begin").click()
    hers.get_by_role("link", name="The helper has typed it").click()
    words = hers.locator("aside .words").inner_text()
    assert len(re.findall("·", words)) == 2
    assert helper.locator(".words").inner_text() == words
    assert_page_is_accessible_everywhere(hers)

    hers.goto("/activity/")
    expect(hers.locator("aside .words")).to_be_visible()
    helper.get_by_role("link", name="Look again").click()
    expect(helper.get_by_text("Activity", exact=True)).to_be_visible()
    assert_staff_page_reads_well(helper, live_server.url)
    helper.get_by_role("link", name="Latest payments").click()
    expect(helper.get_by_role("cell", name="Paid", exact=True)).to_be_visible()
    assert "57.91" not in helper.content() and "42.09" not in helper.content()
    hers.get_by_role("button", name="End now").click()
    expect(hers.get_by_text("Nobody looks with you")).to_be_visible()
    helper.get_by_role("link", name="Where they are").click()
    expect(helper.get_by_text("The guided view is over")).to_be_visible()
    hers.goto("/security/")
    expect(hers.get_by_text("Reason: says she cannot pay").first).to_be_visible()
    prove_the_books()


def test_rights_of_staff_and_their_own_pages_read_well(
    browser: Browser, live_server: Any, olivia: User
) -> None:
    boss = User.objects.create_superuser("+8613600130021", LOGIN_PASSWORD)
    client = Client()
    sign_in_staff(client, boss)
    client.get("/admin/")
    UserSession.objects.filter(user=boss).update(proved_at=timezone.now())
    context = browser.new_context(base_url=live_server.url, viewport=DESKTOP)  # type: ignore[arg-type]
    tab = context.new_page()
    let_in(tab, client, live_server.url)
    tab.goto(f"/admin/accounts/user/{olivia.pk}/change/")
    assert_staff_page_reads_well(tab, live_server.url)
    tab.get_by_label("Auditor").check()
    tab.get_by_label("Reason").fill("audits in December")
    tab.get_by_role("button", name="Save").click()
    expect(tab.get_by_text("A second administrator decides")).to_be_visible()
    assert_staff_page_reads_well(tab, live_server.url)
    for path in ("/me/", "/security/log/", "/help/"):
        tab.goto(path)
        assert_page_is_accessible_everywhere(tab)
        assert tab.locator("a[href='/transfer/']").count() == 0
    context.close()
