"""From the help page back to the code one waits for."""

from __future__ import annotations

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.phone.models import SmsCode
from tests.cast import make_phone
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
