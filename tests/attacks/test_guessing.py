"""Guessing payment passwords and codes, and asking for many codes (rows 9 to 16)."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.payment_password import hashing
from accounts.payment_password.services import unlock_payment_password
from accounts.users.models import User
from tests.attacks.client import Browser, at_once
from tests.attacks.crowd import codes_at_once
from tests.attacks.walks import Site, authorise, compose, money_of, try_password
from tests.cast import (
    LOGIN_PASSWORD,
    PAYMENT_PASSWORD,
    make_id_number,
    make_phone,
    prove_the_books,
    read_code,
    wallet_with,
)
from tests.gateways import RecordingGateway

_STRANGE = {"X-Forwarded-For": "8.8.8.8", "User-Agent": "curl/9", "X-Real-IP": "9.9.9.9"}


@pytest.fixture
def looked_at(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """Every payment password that was really compared."""
    seen: list[str] = []

    def opens(*args: Any, **kwargs: Any) -> bool:
        seen.append("one")
        return hashing.opens(*args, **kwargs)

    monkeypatch.setattr("accounts.payment_password.services.opens", opens)
    return seen


def open_up_to_code(browser: Browser, phone: str) -> None:
    """The first two pages of opening a wallet."""
    person = {"name": "陈思远", "id_number": make_id_number(), "phone": phone, "agree": "on"}
    assert browser.post("/open/person/", person).status == 302
    passwords = {
        "payment_password": PAYMENT_PASSWORD,
        "payment_password_again": PAYMENT_PASSWORD,
        "login_password": LOGIN_PASSWORD,
    }
    assert browser.post("/open/passwords/", passwords).status == 302


def other(code: str, step: int = 1) -> str:
    """A wrong code."""
    return f"{(int(code) + step) % 10**6:06d}"


def test_guessing_over_sessions_addresses_and_browsers_is_looked_at_five_times(
    site: Site, rich_alice: User, bob: User, looked_at: list[str]
) -> None:
    answers = []
    for number in range(9):
        browser = site.signed_in(rich_alice, **{**_STRANGE, "X-Forwarded-For": f"7.7.7.{number}"})
        payment = compose(browser, bob)
        answers.append(authorise(browser, payment, f"91827{number}"))
    assert [answer.status for answer in answers] == [422] * 4 + [302] * 5
    assert answers[-1].location.startswith("/locked/payment/")
    assert len(looked_at) == 5
    fresh = site.signed_in(rich_alice)
    payment = compose(fresh, bob)
    assert authorise(fresh, payment).location.startswith("/locked/payment/")
    assert fresh.get("/home/").status == fresh.get("/activity/").status == 200
    assert money_of(bob) == 0
    unlock_payment_password(user=rich_alice, by=bob, reason="checked the caller")
    assert authorise(fresh, payment).location == payment
    assert money_of(bob) == 1_00
    prove_the_books()


def test_of_forty_wrong_at_once_five_are_looked_at_and_it_is_locked_everywhere(
    site: Site, rich_alice: User, bob: User, looked_at: list[str]
) -> None:
    browser = site.signed_in(rich_alice)
    browser.post("/step-up/", {"password": LOGIN_PASSWORD})
    payment = compose(browser, bob)
    at_once(40, lambda number: authorise(browser.copy(), payment, f"9182{number:02d}"))
    assert len(looked_at) == 5
    assert authorise(browser, payment).location.startswith("/locked/payment/")
    change = {
        "old": PAYMENT_PASSWORD,
        "payment_password": "285037",
        "payment_password_again": "285037",
    }
    assert browser.post("/security/payment-password/", change).status == 422
    assert len(looked_at) == 5
    assert money_of(bob) == 0
    prove_the_books()


def test_guesses_on_the_page_that_changes_it_lock_paying_too(
    site: Site, rich_alice: User, bob: User, looked_at: list[str]
) -> None:
    browser = site.signed_in(rich_alice)
    browser.post("/step-up/", {"password": LOGIN_PASSWORD})
    payment = compose(browser, bob)
    new = {"payment_password": "285037", "payment_password_again": "285037"}
    for number in range(8):
        answer = browser.post("/security/payment-password/", {"old": f"91827{number}", **new})
        assert answer.status == 422
    assert len(looked_at) == 5
    assert authorise(browser, payment).location.startswith("/locked/payment/")
    assert money_of(bob) == 0
    prove_the_books()


def test_weak_personal_and_reused_payment_passwords_are_refused(
    site: Site, rich_alice: User
) -> None:
    browser = site.signed_in(rich_alice)
    browser.post("/step-up/", {"password": LOGIN_PASSWORD})
    for new in ("111111", "123456", "121212", "900307", "136027", "147258", "２８５０３７", "28503",
                "2850371", "28503a", PAYMENT_PASSWORD):  # fmt: skip
        fields = {"old": PAYMENT_PASSWORD, "payment_password": new, "payment_password_again": new}
        answer = browser.post("/security/payment-password/", fields)
        assert answer.status == 422, new
        assert f'value="{new}"' not in answer.text
    assert try_password(site.browser(), str(rich_alice.phone), PAYMENT_PASSWORD).status == 422


def test_a_payment_password_in_an_address_pays_nothing(
    site: Site, rich_alice: User, bob: User
) -> None:
    browser = site.signed_in(rich_alice)
    payment = compose(browser, bob)
    for path in (payment, f"{payment}check/", f"{payment}authorise/"):
        assert browser.get(f"{path}?payment_password={PAYMENT_PASSWORD}").status == 200
    answer = browser.post(f"{payment}authorise/?payment_password={PAYMENT_PASSWORD}", {})
    assert answer.status == 422
    assert money_of(bob) == 0
    prove_the_books()


def test_eight_wrong_codes_or_forty_at_once_kill_the_right_one(site: Site) -> None:
    for times in (8, 40):
        browser, phone = site.browser(), make_phone()
        open_up_to_code(browser, phone)
        code = read_code(phone)
        at_once(
            times,
            lambda number, browser=browser, code=code: browser.copy().post(
                "/open/code/", {"code": other(code, number + 1)}
            ),
        )
        assert browser.post("/open/code/", {"code": code}).status == 422
    assert User.objects.count() == 0


def test_the_right_code_twenty_times_at_once_and_later_opens_one_wallet(site: Site) -> None:
    browser, phone = site.browser(), make_phone()
    open_up_to_code(browser, phone)
    code = read_code(phone)
    at_once(20, lambda _: browser.copy().post("/open/code/", {"code": code}))
    assert User.objects.count() == 1
    for later in (browser, site.browser()):
        later.post("/open/code/", {"code": code})
    assert User.objects.count() == 1


def test_a_code_opens_nothing_for_another_phone_another_browser_or_after_a_newer_one(
    site: Site, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    codes_at_once(settings)
    browser, phone, mine = site.browser(), make_phone(), make_phone()
    open_up_to_code(browser, phone)
    first = read_code(phone)
    thief = site.browser()
    open_up_to_code(thief, mine)
    if read_code(mine) != first:
        assert thief.post("/open/code/", {"code": first}).status == 422
    page = browser.get("/open/code/")
    [resend] = {form.action for form in page.forms if form.action.endswith("/resend/")}
    assert thief.post(resend).status == 302
    assert read_code(phone) == first
    assert browser.post(resend).status == 302
    newer = read_code(phone)
    if newer != first:
        assert browser.post("/open/code/", {"code": first}).status == 422
    assert site.browser().post("/open/code/", {"code": newer}).status == 302
    assert User.objects.count() == 0
    assert browser.post("/open/code/", {"code": newer}).location == "/opened/"


def test_four_wrong_a_newer_code_four_wrong_and_so_on_ends_at_ten(
    site: Site, settings: Any
) -> None:
    codes_at_once(settings)
    browser, phone = site.browser(), make_phone()
    open_up_to_code(browser, phone)
    page = browser.get("/open/code/")
    [resend] = {form.action for form in page.forms if form.action.endswith("/resend/")}
    for round_number in range(5):
        code = read_code(phone)
        for step in range(1, 5):
            # After the tenth wrong one of the hour all get the page of the pause.
            expected = 422 if 4 * round_number + step <= 10 else 429
            answer = browser.post("/open/code/", {"code": other(code, step)})
            assert answer.status == expected
        browser.post(resend)
    paused = browser.post("/open/code/", {"code": read_code(phone)})
    assert paused.status == 429
    assert "typed wrongly too many times" in paused.text
    # A new browser with a new application for the same number changes nothing.
    again = site.browser()
    open_up_to_code(again, phone)
    assert again.post("/open/code/", {"code": read_code(phone)}).status in {302, 422, 429}
    assert User.objects.count() == 0


def test_one_number_gets_five_messages_an_hour_whoever_asks(site: Site, settings: Any) -> None:
    codes_at_once(settings)
    phone = make_phone()
    for number in range(12):
        browser = site.browser(**{"X-Forwarded-For": f"8.8.4.{number}"})
        open_up_to_code(browser, phone)
        read_code(phone)
    assert len(RecordingGateway.sent) == 5


def test_forty_numbers_from_one_address_with_forged_headers_get_twenty_messages(
    site: Site,
) -> None:
    for number in range(40):
        browser = site.browser(**{"X-Forwarded-For": f"8.8.4.{number}", "Forwarded": "for=1.2.3.4"})
        browser.post("/recover/login/", {"phone": make_phone()})
        if number < 15:
            open_up_to_code(site.browser(**{"X-Client-IP": f"8.8.4.{number}"}), make_phone())
    read_code("")
    assert len(RecordingGateway.sent) == 20


def test_twenty_requests_at_once_for_one_number_send_one_message(site: Site) -> None:
    phone = make_phone()
    browsers = [site.browser() for _ in range(20)]
    for browser in browsers:
        browser.token()
    at_once(20, lambda number: open_up_to_code(browsers[number], phone))
    read_code(phone)
    assert len(RecordingGateway.sent) == 1


@pytest.mark.parametrize("path", ["/open/person/", "/open/phone/", "/recover/login/"])
def test_premium_foreign_and_malformed_numbers_get_nothing(site: Site, path: str) -> None:
    browser = site.browser()
    for phone in ("+8810900123456", "+447700900123", "+1900555012", "+862112345678", "110", "9" * 400,
                  "+86 138\x00", "13800138000;13800138001", "tel:13800138000?x", "", "+86" * 9):  # fmt: skip
        fields = {"name": "陈思远", "id_number": make_id_number(), "phone": phone, "agree": "on"}
        assert browser.post(path, fields).status == 422, phone
    read_code("")
    assert RecordingGateway.sent == []


def test_a_customer_who_wishes_ill_cannot_spend_anothers_tries(
    site: Site, rich_alice: User, mallory: User, bob: User
) -> None:
    """The payment password is asked on one's own payments only."""
    wallet_with(mallory)
    payment = compose(site.signed_in(rich_alice), bob)
    thief = site.signed_in(mallory)
    assert {authorise(thief, payment, "918273").status for _ in range(8)} == {404}
    assert authorise(site.signed_in(rich_alice), payment).location == payment
    prove_the_books()
