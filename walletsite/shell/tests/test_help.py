"""The help pages: steps, buttons that start something, and finding the right page."""

from __future__ import annotations

import re
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.test import Client

from accounts.users.models import User
from tests.cast import wallet_with
from tests.pages import assert_page_is_clean
from walletsite.shell.help_pages import PAGES
from walletsite.shell.help_search import LONGEST, search_help

pytestmark = pytest.mark.django_db
# Printed in letters and text messages: they never change.
SLUGS = [
    "no-code", "wrong-payment-password", "locked", "no-network", "lost-phone",
    "suspicious-record", "freeze", "close", "two-factor",
]  # fmt: skip


def test_the_addresses_of_the_pages_stay() -> None:
    assert [page.slug for page in PAGES] == SLUGS
    assert [page.slug for page in PAGES if page.is_main] == SLUGS[:4]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_has_steps_and_a_person_to_talk_to(client: Client, language: str) -> None:
    client.cookies["wallet-language"] = language
    for slug in SLUGS:
        html = client.get(f"/help/{slug}/").content.decode()
        assert_page_is_clean(html)
        assert html.count("<li>") >= 3
        assert f"/support/contact/?topic={slug}" in html
    assert client.get("/help/no-such-trouble/").status_code == 404


def test_the_four_problems_stand_on_the_first_page_with_what_starts_from_them(
    client: Client,
) -> None:
    client.cookies["wallet-language"] = "en"
    html = client.get("/help/").content.decode()
    starts = ["/codes/continue/", "/recover/payment/", "/recover/login/", "/pay/resume/"]
    positions = [html.index(f'id="{slug}"') for slug in SLUGS[:4]]
    assert positions == sorted(positions)
    for start in starts:
        assert f'href="{start}"' in html


def test_every_button_leads_to_a_page(client: Client, alice: User) -> None:
    wallet_with(alice)
    client.force_login(alice)
    for way in {way.url for page in PAGES for way in page.ways}:
        assert client.get(way).status_code in {200, 302}, way


def test_who_is_signed_in_writes_as_themselves(client: Client, alice: User) -> None:
    client.force_login(alice)
    html = client.get("/help/locked/").content.decode()
    assert "/support/new/?topic=locked" in html
    assert "/support/contact/" not in html


def test_a_payment_is_named_to_support_when_help_is_asked_from_its_page(
    client: Client, alice: User
) -> None:
    client.force_login(alice)
    html = client.get("/help/no-network/?payment=7K3M94QXACDE").content.decode()
    assert 'href="/support/new/?topic=no-network&amp;payment=7K3M94QXACDE"' in html
    html = client.get("/support/new/?payment=7K3M94QXACDE").content.decode()
    assert 'value="7K3M94QXACDE"' in html
    html = client.get("/help/close/", {"payment": '"><b>'}).content.decode()
    assert "payment=" not in html.split("<main")[1]


@pytest.mark.parametrize(
    ("typed", "slug"),
    [
        ("验证码", "no-code"),
        ("短信收不到怎么办", "no-code"),
        ("OTP", "no-code"),
        ("code not arriving", "no-code"),
        ("ｓｍｓ", "no-code"),
        ("密码错误", "wrong-payment-password"),
        ("忘记支付密码", "wrong-payment-password"),
        ("forgot payment password", "wrong-payment-password"),
        ("我的账号被锁定了", "locked"),
        ("how do I unlock", "locked"),
        ("断网", "no-network"),
        ("扣了两次", "no-network"),
        ("charged twice", "no-network"),
        ("手机丢了", "lost-phone"),
        ("lost my phone", "lost-phone"),
        ("被盗", "suspicious-record"),
        ("冻结", "freeze"),
        ("freez", "freeze"),
        ("注销", "close"),
        ("两步验证", "two-factor"),
        ("2FA", "two-factor"),
    ],
)
def test_a_page_is_found_by_its_other_names_too(client: Client, typed: str, slug: str) -> None:
    assert search_help(typed)[0].slug == slug
    for language in ("en", "zh-hans"):
        client.cookies["wallet-language"] = language
        html = client.get("/help/", {"q": typed}).content.decode()
        assert_page_is_clean(html)
        found = re.search(r'class="row" href="/help/([a-z-]+)/"', html)
        assert found is not None
        assert found[1] == slug


@pytest.mark.parametrize(
    "typed", ["", " ", "zzzz", "the", "我的", "<b>", "x" * 5000, "%", "\u202e"]
)
def test_what_fits_nothing_finds_nothing_and_says_so(client: Client, typed: str) -> None:
    assert search_help(typed) == []
    client.cookies["wallet-language"] = "en"
    html = client.get("/help/", {"q": typed[:3000]}).content.decode()
    assert_page_is_clean(html)
    assert ("Nothing found" in html) == bool(typed.strip())
    assert "<b>" not in html


def test_finding_takes_no_time_whatever_is_typed() -> None:
    search_help("code")
    for typed in ("code", "nothing like it at all", "验证码收不到" * 50, "a1 " * LONGEST):
        # Of the processor's time: what else the machine does is not the search's.
        began = time.thread_time()
        search_help(typed)
        assert time.thread_time() - began < 0.1


def test_lock_and_error_pages_lead_to_the_page_for_them() -> None:
    wanted = {
        "500.html": "no-network",
        "accounts/signin/locked.html": "locked",
        "payments/processing/locked.html": "locked",
        "accounts/phone/_ways_out.html": "no-code",
        "payments/processing/pending.html": "no-network",
        "payments/records/entry.html": "suspicious-record",
        "accounts/payment_password/reset.html": "wrong-payment-password",
    }
    templates = Path(settings.BASE_DIR) / "templates"
    for name, slug in wanted.items():
        assert f"'shell:help_entry' '{slug}'" in (templates / name).read_text("utf-8"), name
