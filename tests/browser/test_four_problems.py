"""The four problems of the specification, walked as a new user would: with scripts in English, and
without them in Chinese. Each way is bounded in pages; how long it took is printed and kept in the
report (`-o junit_family=xunit1 --junitxml`)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Iterator
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone
from playwright.sync_api import Browser, Frame, Locator, Page, expect

from accounts.payment_password.tests.test_pages import id_digits
from accounts.users.models import User
from accounts.users.selectors import find_user_by_phone
from payments.processing.models import Payment
from payments.processing.tests.people import compose, money_of
from tests.attacks.crowd import codes_at_once
from tests.browser.axe import use_preferences
from tests.browser.walking import follow
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    make_id_number,
    make_phone,
    prove_the_books,
    read_code,
    wallet_with,
)

pytestmark = [
    pytest.mark.browser,
    pytest.mark.django_db(transaction=True),
    pytest.mark.usefixtures("phones"),
]
WRONG = "402868"


class Walker:
    """Somebody who walks through pages; counts them."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.pages: list[str] = []
        page.on("framenavigated", self._note)

    def _note(self, frame: Frame) -> None:
        self.pages.append(frame.url)

    def fill(self, **fields: str) -> None:
        """Type into the fields of the page, by their names."""
        for name, text in fields.items():
            self.page.locator(f"main [name={name}]").fill(text)

    def press(self) -> None:
        """The main button of the page, and on to the page that it leads to."""
        follow(self.main_button)

    @property
    def main_button(self) -> Locator:
        """What one presses next."""
        return self.page.locator("main form:not([hidden]) .btn--main, main .btn--danger").first

    def follow(self, path: str) -> None:
        """A link of the page, wherever it is folded away."""
        link = self.page.locator(f'main a[href^="{path}"]').first
        if not link.is_visible():
            self.page.locator("main summary").first.click()
        follow(link)

    def is_at(self, pattern: str) -> None:
        """The address, by a pattern."""
        expect(self.page).to_have_url(re.compile(pattern))


@pytest.fixture(params=[("en", True), ("zh-hans", False)], ids=["english", "chinese-no-script"])
def walker(request: pytest.FixtureRequest, browser: Browser, live_server: Any) -> Iterator[Walker]:
    language, has_script = request.param
    context = browser.new_context(
        base_url=live_server.url,
        locale="en-GB",
        viewport={"width": 390, "height": 844},
        java_script_enabled=has_script,
    )
    context.set_default_timeout(10_000)
    page = context.new_page()
    use_preferences(page, live_server.url, language)
    yield Walker(page)
    context.close()


@pytest.fixture
def walked(
    walker: Walker, request: pytest.FixtureRequest, record_property: Callable[[str, Any], None]
) -> Callable[[int], None]:
    """Called at the end with the most pages that the way may take."""
    began = time.monotonic()

    def end(most: int) -> None:
        seconds = round(time.monotonic() - began, 1)
        record_property("pages", len(walker.pages))
        record_property("seconds", seconds)
        print(f"{request.node.name}: {len(walker.pages)} pages, {seconds} s")
        assert len(walker.pages) <= most, walker.pages

    return end


def sign_in(walker: Walker, user: User) -> None:
    client = Client()
    client.force_login(user)
    value = client.cookies["wallet"].value
    address = walker.page.context.cookies()[0]["domain"]
    cookie: Any = {"name": "wallet", "value": value, "domain": address, "path": "/"}
    walker.page.context.add_cookies([cookie])


def test_the_code_does_not_arrive(
    walker: Walker, walked: Callable[[int], None], settings: Any
) -> None:
    codes_at_once(settings)
    phone, wrong_number = make_phone(), make_phone()
    walker.page.goto("/open/")
    walker.fill(name="陈思远", id_number=make_id_number(), phone=wrong_number[3:])
    walker.page.locator("[name=terms], [type=checkbox]").first.check()
    walker.press()
    walker.fill(
        payment_password=PAYMENT_PASSWORD,
        payment_password_again=PAYMENT_PASSWORD,
        login_password=LOGIN_PASSWORD,
    )
    walker.press()
    walker.is_at("/open/code/$")
    # It went to a number that was typed wrongly: help is one press away, and so is the number.
    walker.follow("/help/no-code/")
    walker.is_at("/help/no-code/$")
    walker.page.go_back()
    walker.follow("/open/person/")
    walker.fill(phone=phone[3:])
    walker.press()
    walker.press()
    walker.is_at("/open/code/$")
    # The second one gets lost, too; it is sent once more.
    follow(walker.page.locator('form[action$="/resend/"] button:visible').first)
    walker.is_at("/open/code/$")
    walker.fill(code=read_code(phone))
    walker.press()
    walker.is_at("/opened/$")
    assert find_user_by_phone(phone) is not None
    walked(14)


def test_the_payment_password_is_wrong(
    walker: Walker, walked: Callable[[int], None], alice: User, bob: User
) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob, "25.00")
    sign_in(walker, alice)
    walker.page.goto(f"/pay/{payment.public_id}/authorise/")
    for _try in range(5):
        walker.fill(payment_password=WRONG)
        walker.press()
    # Paused; money is safe; the way on is on the page.
    walker.follow("/recover/payment/")
    walker.fill(login_password=LOGIN_PASSWORD, id_digits=id_digits(alice))
    walker.press()
    walker.fill(code=read_code(str(alice.phone)))
    walker.press()
    walker.fill(
        payment_password=OTHER_PAYMENT_PASSWORD, payment_password_again=OTHER_PAYMENT_PASSWORD
    )
    walker.press()
    walker.page.goto(f"/pay/{payment.public_id}/authorise/")
    walker.fill(payment_password=OTHER_PAYMENT_PASSWORD)
    walker.press()
    walker.is_at(f"/pay/{payment.public_id}/$")
    assert money_of(bob) == 25_00
    prove_the_books()
    walked(14)


def test_the_account_is_locked_and_opens_by_itself(
    walker: Walker, walked: Callable[[int], None], alice: User
) -> None:
    wallet_with(alice)
    walker.page.goto("/sign-in/")
    for _try in range(5):
        walker.fill(phone=str(alice.phone), password="not this one")
        follow(walker.page.locator("form[action='/sign-in/'] [type=submit]"))
    # The page of the pause: until when, and two ways that are quicker.
    assert walker.page.locator(".bigclock").inner_text()
    expect(walker.page.locator('main a[href="/recover/login/"]')).to_be_visible()
    walker.follow("/help/locked/")
    walker.is_at("/help/locked/$")
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=5), tick=True):
        walker.page.goto("/sign-in/")
        walker.fill(phone=str(alice.phone), password=LOGIN_PASSWORD)
        walker.page.locator("form[action='/sign-in/'] [type=submit]").click()
        walker.is_at("/home/$")
    walked(9)


def test_the_network_drops_in_the_middle_of_a_payment(
    walker: Walker, walked: Callable[[int], None], alice: User, bob: User
) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    payment = compose(alice, bob, "25.00")
    sign_in(walker, alice)
    walker.page.goto(f"/pay/{payment.public_id}/authorise/")
    walker.fill(payment_password=PAYMENT_PASSWORD)

    def cut(route: Any) -> None:
        # The bank hears it, the answer is lost.
        route.fetch(max_redirects=0)
        route.abort("connectionreset")

    walker.page.route("**/authorise/", cut)
    walker.main_button.click()
    walker.page.wait_for_timeout(500)
    walker.page.unroute("**/authorise/")
    # Another browser, another network, or the same after a restart: one address knows.
    walker.page.goto("/pay/resume/")
    walker.page.goto(f"/pay/{payment.public_id}/")
    assert Payment.objects.get(pk=payment.pk).state == "succeeded"
    expect(walker.page.locator("main")).to_contain_text("25.00")
    # Sent again out of worry: the same result, no second debit.
    walker.page.goto(f"/pay/{payment.public_id}/authorise/")
    walker.is_at(f"/pay/{payment.public_id}/$")
    assert money_of(bob) == 25_00
    prove_the_books()
    walked(7)
