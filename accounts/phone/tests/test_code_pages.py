"""From the help page back to the code one waits for."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.phone.models import SmsCode
from accounts.signin.tests.doors import try_password
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, make_phone
from tests.limits import with_limits
from tests.pages import assert_page_is_clean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
BACK = "/codes/continue/"


def test_a_browser_that_waits_for_no_code_is_shown_where_to_begin(client: Client) -> None:
    client.cookies["wallet-language"] = "en"
    html = client.get(BACK).content.decode()
    assert_page_is_clean(html)
    assert "/open/" in html and "/recover/login/" in html
    assert settings.SESSION_COOKIE_NAME not in client.cookies


def test_the_newest_code_of_this_browser_is_gone_back_to(client: Client) -> None:
    phone = make_phone()
    client.post("/recover/login/", {"phone": phone})
    assert client.get(BACK)["Location"] == "/recover/login/code/"
    assert Client().get(BACK).status_code == 200
    client.post("/support/contact/read/", {"number": "C-3333-4444", "phone": phone})
    assert client.get(BACK)["Location"] == "/support/contact/code/"
    SmsCode.objects.update(created_at=timezone.now() - timedelta(days=2))
    assert client.get(BACK).status_code == 200


def test_the_page_of_the_pause_says_where_the_owner_goes_on_and_what_was_too_much(
    client: Client, alice: User, settings: Any
) -> None:
    """Strangers are told of the browsers that count apart; those themselves, and a whole network,
    of no way that would not help them."""
    apart = "Codes are counted apart there"
    phone = {"phone": str(alice.phone)}
    with_limits(settings, "sms.code", purpose=[(2, 1), (1, 3600)])
    client.cookies["wallet-language"] = "en"

    def paused(browser: Client) -> str:
        browser.cookies["wallet-language"] = "en"
        assert browser.post("/recover/login/", phone).status_code == 302
        SmsCode.objects.update(created_at=timezone.now() - timedelta(minutes=5))
        answer = browser.post("/recover/login/", phone)
        assert answer.status_code == 429
        assert_page_is_clean(answer.content.decode())
        return answer.content.decode()

    html = paused(client)
    assert apart in html and "Codes to this phone are paused" in html
    mine = Client()
    try_password(mine, alice, LOGIN_PASSWORD)
    mine.get("/home/")
    html = paused(mine)
    assert apart not in html and "Codes to this phone are paused" in html
    with_limits(settings, "sms.code", purpose=[(2, 1)], address=[(2, 3600)])
    answer = client.post("/recover/login/", {"phone": make_phone()})
    html = answer.content.decode()
    assert answer.status_code == 429 and "Codes for your network are paused" in html
    assert apart not in html and "mobile data" in html
