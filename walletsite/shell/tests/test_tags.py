"""Tags and filters of the kit."""

from __future__ import annotations

import datetime
from typing import Any

import pytest
from django.template import Context, Template
from django.utils import timezone, translation

from walletsite.shell.figures import write_amount
from walletsite.shell.templatetags import shell


def _render(text: str, **context: Any) -> str:
    with translation.override("en"):
        return Template(text).render(Context(context))


@pytest.mark.parametrize(
    ("amount_minor", "sign", "text"),
    [
        (0, "auto", "¥0.00"),
        (5, "auto", "¥0.05"),
        (1_284_650, "auto", "¥12,846.50"),
        (2800, "out", "\N{MINUS SIGN}¥28.00"),
        (32000, "in", "+¥320.00"),
        (-150, "auto", "\N{MINUS SIGN}¥1.50"),
        (-150, "none", "¥1.50"),
    ],
)
def test_an_amount_has_its_sign_thousands_and_two_decimals(
    amount_minor: int, sign: str, text: str
) -> None:
    assert write_amount(amount_minor, currency="CNY", sign=sign).text == text


def test_a_currency_without_decimals_shows_none() -> None:
    assert write_amount(1234, currency="JPY").text == "JP¥1,234"


def test_money_is_read_out_as_one_piece() -> None:
    html = _render("{% money 2800 sign='out' %}")
    assert '<span class="sr">\N{MINUS SIGN}¥28.00</span>' in html
    assert (
        '<span aria-hidden="true">\N{MINUS SIGN}<span class="money__sym">¥</span>28'
        '<span class="money__dec">.00</span></span>'
    ) in html


def test_money_takes_an_object_with_minor_units_and_currency() -> None:
    class Amount:
        minor = 100
        currency = "USD"

    assert "$1.00" in _render("{% money amount big=True %}", amount=Amount())


@pytest.mark.parametrize("is_hidden", [True, False])
def test_amounts_hide_when_the_person_wishes(is_hidden: bool) -> None:
    html = _render("{% money 100 may_hide=True %}", shell={"hide_amounts": is_hidden})  # nosec B604
    assert ("data-amount hidden" in html) is is_hidden
    assert ("data-amount-mask hidden" in html) is not is_hidden


def test_an_icon_is_silent_and_keeps_its_size_without_styles() -> None:
    html = _render('{% icon "scan" size="lg" %}')
    assert 'aria-hidden="true"' in html
    assert 'width="20"' in html
    assert "wallet/icons" in html
    assert html.endswith('#i-scan"/></svg>')


def test_an_icon_name_cannot_carry_markup() -> None:
    assert "<script>" not in _render("{% icon name %}", name='"/><script>')


@pytest.mark.parametrize(
    ("phone", "masked"),
    [
        ("+8613800136027", "138 **** 6027"),
        ("13800136027", "138 **** 6027"),
        ("", ""),
        ("12", "****"),
    ],
)
def test_a_phone_number_shows_its_ends_only(phone: str, masked: str) -> None:
    assert shell.masked_phone(phone) == masked


def test_a_wallet_number_is_grouped_or_masked() -> None:
    assert shell.wallet_number("6210123412346027") == "6210 1234 1234 6027"
    assert shell.masked_wallet_number("6210123412346027") == "6210 **** **** 6027"


def test_days_near_today_have_names() -> None:
    now = timezone.now()
    with translation.override("en"):
        assert shell.day_label(now) == "Today"
        assert shell.day_label(now - datetime.timedelta(days=1)) == "Yesterday"
        assert "2019" in shell.day_label(datetime.date(2019, 5, 4))
        assert shell.day_label(None) == ""


def test_a_time_is_shown_on_the_clock_of_the_place() -> None:
    moment = datetime.datetime(2026, 11, 22, 1, 31, 6, tzinfo=datetime.UTC)
    assert shell.clock(moment) == "09:31"
    assert shell.exact_time(moment) == "2026-11-22 09:31:06"


@pytest.mark.parametrize(
    ("seconds", "text"),
    [(1, "1 second"), (47, "47 seconds"), (60, "1 minute"), (840, "14 minutes"),
     (841, "15 minutes"), (3600, "1 hour"), (86400, "24 hours")],
)  # fmt: skip
def test_a_wait_is_said_in_words_and_never_too_short(seconds: int, text: str) -> None:
    with translation.override("en"):
        assert shell.duration(seconds) == text
