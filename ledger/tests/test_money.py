"""Reading and writing amounts."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger import errors
from ledger.money import EXPONENTS, Money


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("1", "CNY", 100),
        ("0.01", "CNY", 1),
        ("12.5", "CNY", 1250),
        ("12.34", "CNY", 1234),
        ("007", "CNY", 700),
        ("999999999.99", "CNY", 99_999_999_999),
        ("500", "JPY", 500),
        ("1.234", "KWD", 1234),
    ],
)
def test_an_amount_is_read_exactly(text: str, currency: str, minor: int) -> None:
    assert Money.parse(text, currency) == Money(minor, currency)


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "amount.empty"),
        ("  ", "amount.empty"),
        ("0", "amount.zero"),
        ("0.00", "amount.zero"),
        ("-1", "amount.negative"),
        ("−1", "amount.negative"),
        ("－1", "amount.negative"),
        ("1e3", "amount.exponent"),
        ("1E400", "amount.exponent"),
        ("１２", "amount.full_width"),
        ("12．5", "amount.full_width"),
        ("٣", "amount.full_width"),
        ("十二", "amount.full_width"),
        ("¥12", "amount.full_width"),
        ("12.345", "amount.too_many_decimals"),
        ("NaN", "amount.not_a_number"),
        ("sNaN", "amount.not_a_number"),
        ("Infinity", "amount.not_a_number"),
        ("abc", "amount.not_a_number"),
        ("99999999999999999999", "amount.too_large"),
        ("9" * 400, "amount.too_large"),
        ("1000000000", "amount.too_large"),
        ("12\x00", "amount.control_character"),
        ("\x00", "amount.control_character"),
        ("1\u202e2", "amount.control_character"),
        ("1\r\n2", "amount.control_character"),
        ("1,234.50", "amount.separator"),
        ("12,50", "amount.separator"),
        ("1 000", "amount.separator"),
        ("1_000", "amount.separator"),
        ("+1", "amount.format"),
        (" 1", "amount.format"),
        (".5", "amount.format"),
        ("5.", "amount.format"),
        ("1.2.3", "amount.format"),
        ("0x10", "amount.format"),
        ("1/2", "amount.format"),
    ],
)
def test_what_is_no_amount_is_refused_by_name(text: str, code: str) -> None:
    with pytest.raises(errors.MoneyError) as refused:
        Money.parse(text, "CNY")
    assert refused.value.code == code
    assert "%" not in refused.value.message


def test_a_currency_without_decimals_says_so() -> None:
    with pytest.raises(errors.AmountTooPrecise, match=r"too_many_decimals") as refused:
        Money.parse("1.5", "JPY")
    assert "JPY" in refused.value.message


def test_an_unknown_currency_is_refused() -> None:
    with pytest.raises(errors.UnknownCurrency):
        Money.parse("1", "XXX")
    with pytest.raises(errors.UnknownCurrency):
        Money(1, "cny")


def test_floats_and_booleans_are_no_minor_units() -> None:
    for minor in (1.0, True, "1"):
        with pytest.raises(TypeError):
            Money(minor, "CNY")  # type: ignore[arg-type]


def test_amounts_are_written_for_people_and_for_machines() -> None:
    assert str(Money(123_456_789, "CNY")) == "1234567.89"
    assert Money(123_456_789, "CNY").major_text == "1,234,567.89"
    assert Money(5, "CNY").text == "0.05 CNY"
    assert Money(-5, "CNY").major_text == "-0.05"
    assert Money(1234, "JPY").major_text == "1,234"
    assert str(Money(1234, "KWD")) == "1.234"


def test_amounts_add_and_compare_within_a_currency_only() -> None:
    ten, three = Money(1000, "CNY"), Money(300, "CNY")
    assert (ten - three).minor == 700
    assert (ten + three).minor == 1300
    assert (-ten).minor == -1000
    assert three < ten
    assert ten <= Money(1000, "CNY")
    assert ten > three
    assert ten >= Money(1000, "CNY")
    assert not Money(0, "CNY")
    with pytest.raises(errors.CurrencyMismatch):
        ten + Money(1, "USD")
    with pytest.raises(errors.CurrencyMismatch):
        assert ten < Money(1, "USD")


@given(st.integers(1, 10**11 - 1), st.sampled_from(sorted(EXPONENTS)))
def test_what_is_written_is_read_back(minor: int, currency: str) -> None:
    minor = min(minor, 10 ** (9 + EXPONENTS[currency]) - 1)
    money = Money(minor, currency)
    assert Money.parse(str(money), currency) == money


@given(st.text(max_size=30))
def test_no_text_does_anything_but_be_an_amount_or_a_named_error(text: str) -> None:
    try:
        money = Money.parse(text, "CNY")
    except errors.MoneyError as error:
        assert error.code.startswith("amount.")
        assert error.message
    else:
        assert money.minor > 0
        assert text.isascii()
