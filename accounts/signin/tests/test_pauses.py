"""Changing the login password, paused after wrong old ones: words and a time of its own."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, read_code
from tests.doors import signed_in, signed_in_and_proved
from tests.pages import assert_page_is_clean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
PAGE, NEW = "/security/login-password/", "paper lantern 58"


def change(browser: Any, old: str) -> Any:
    return browser.post(PAGE, {"old": old, "new": NEW, "again": NEW})


def test_wrong_old_passwords_pause_the_change_and_nothing_else(alice: User) -> None:
    browser = signed_in_and_proved(alice)
    assert [change(browser, f"wrong {number}").status_code for number in range(5)] == [422] * 5
    answer = change(browser, LOGIN_PASSWORD)
    assert answer.status_code == 429 and 0 < int(answer["Retry-After"]) <= 15 * 60 + 1
    page = answer.content.decode()
    assert_page_is_clean(page)
    assert "Changing the login password is paused" in page and "You can try again from" in page
    assert "Signing in is paused" not in page
    for way in ("/recover/login/", "/support/new/", "/security/freeze/"):
        assert f'href="{way}"' in page
    # Signing in goes on, as the page says.
    assert signed_in(alice).get("/home/").status_code == 200
    alice.refresh_from_db()
    assert alice.check_password(LOGIN_PASSWORD)


def test_a_reset_ends_the_pause_as_the_page_says(alice: User) -> None:
    from accounts.payment_password.tests.test_pages import id_digits

    browser = signed_in_and_proved(alice)
    for number in range(5):
        change(browser, f"wrong {number}")
    browser.post("/recover/login/", {"phone": str(alice.phone)})
    browser.post("/recover/login/code/", {"code": read_code(str(alice.phone))})
    browser.post("/recover/login/identity/", {"digits": id_digits(alice)})
    answer = browser.post("/recover/login/password/", {"new": NEW, "again": NEW})
    assert answer["Location"] == "/sign-in/"
    browser = signed_in(alice, NEW)
    assert browser.post("/step-up/", {"password": NEW}).status_code == 302
    assert change(browser, "wrong again").status_code == 422
