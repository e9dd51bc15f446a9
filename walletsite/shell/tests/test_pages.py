"""The pages of the frame, and the checker that all rooms use."""

from __future__ import annotations

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from tests.pages import assert_page_is_clean, page_faults
from walletsite.shell.promises import list_promises

pytestmark = pytest.mark.django_db

PUBLIC = ["/", "/help/", "/offline/", "/security-promises/"]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_page_is_clean(client: Client, address: str, language: str) -> None:
    client.cookies["wallet-language"] = language
    answer = client.get(address)
    assert answer.status_code == 200
    assert_page_is_clean(answer.content.decode())


def test_the_page_names_the_configured_bank(client: Client, settings: Any) -> None:
    settings.BANK = {**settings.BANK, "name_en": "Bank <b>&</b> Sons", "mark": "B"}
    client.cookies["wallet-language"] = "en"
    html = client.get("/help/").content.decode()
    assert "Bank &lt;b&gt;&amp;&lt;/b&gt; Sons" in html
    assert "Example Bank" not in html


def test_help_has_the_number_and_the_hours(client: Client) -> None:
    client.cookies["wallet-language"] = "en"
    html = client.get("/help/").content.decode()
    assert settings.BANK["support_phone"] in html
    assert settings.BANK["support_hours_en"] in html
    assert "never asks for a password" in html


def test_promises_show_the_numbers_that_are_enforced(settings: Any) -> None:
    settings.PAYMENT_PASSWORD = {**settings.PAYMENT_PASSWORD, "reset_only_after": 77}
    settings.SMS = {**settings.SMS, "wrong_per_code": 88}
    settings.LIMITS = {"IV": {"balance_cap": 1_234_56, "single": 1, "day": 1, "year": None}}
    numbers = [number for section in list_promises() for _, number in section.facts]
    assert any("77" in number for number in numbers)
    assert "88" in numbers
    assert "¥1,234.56" in numbers


def test_the_manifest_names_the_bank(client: Client) -> None:
    client.cookies["wallet-language"] = "en"
    card = client.get("/manifest.webmanifest").json()
    assert card["short_name"] == settings.BANK["name_en"]
    assert card["start_url"] == "/"


def test_health_answers_without_saying_more(client: Client) -> None:
    assert client.get("/healthz").content == b"ok\n"


@pytest.mark.urls("tests.browser.components")
def test_every_component_is_clean_with_and_without_errors(client: Client) -> None:
    assert_page_is_clean(client.get("/test/components/").content.decode())
    answer = client.post("/test/components/", {"password": "secret-word", "pin": "739201"})
    html = answer.content.decode()
    assert answer.status_code == 422
    assert_page_is_clean(html)
    assert "secret-word" not in html
    assert "739201" not in html
    assert "data-errors" in html
    assert 'href="#id_phone"' in html
    assert 'aria-invalid="true"' in html
    assert 'aria-describedby="id_phone_helptext id_phone_error"' in html


@pytest.mark.urls("tests.browser.components")
def test_typed_values_come_back_escaped(client: Client) -> None:
    html = client.post(
        "/test/components/", {"phone": '"><img src=x>', "amount": '1"x', "note": "<b>"}
    ).content.decode()
    assert "<img src=x" not in html
    assert "&quot;&gt;&lt;img" in html
    assert 'value="1&quot;x"' in html


@pytest.mark.parametrize(
    ("html", "fault"),
    [
        ('<p style="color:red">', "<p style=...>"),
        ("<style>p{}</style>", "an inline <style>"),
        ("<script>1</script>", "an inline <script>"),
        ('<a onclick="x()">', "<a onclick=...>"),
        ('<a href="javascript:x()">', "<a href=javascript:x()>"),
        ('<i id="a"></i><i id="a"></i>', "id a stands twice"),
        ('<label for="b">', "for b points nowhere"),
        ("<p>{{ name }}</p>", "template code that was not rendered"),
    ],
)
def test_the_checker_finds_what_it_should(html: str, fault: str) -> None:
    assert fault in page_faults(html)
