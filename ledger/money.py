"""Amounts of money: whole minor units and a currency. No floats and no Decimal anywhere.

Parsing is strict on purpose: what a person typed is either exactly one amount or an error that
names what is wrong; nothing is rounded, guessed or normalised. Rule: shared amount parser
`[0-9]{1,9}(\\.[0-9]{1,2})?`, decimals by the currency's exponent (ISO 4217).
"""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

from ledger import errors

# ISO 4217 minor-unit exponents of the currencies a bank's wallet here may keep.
EXPONENTS: dict[str, int] = {
    "CNY": 2,
    "HKD": 2,
    "MOP": 2,
    "TWD": 2,
    "USD": 2,
    "EUR": 2,
    "GBP": 2,
    "CHF": 2,
    "SGD": 2,
    "AUD": 2,
    "CAD": 2,
    "THB": 2,
    "MYR": 2,
    "JPY": 0,
    "KRW": 0,
    "VND": 0,
    "BHD": 3,
    "KWD": 3,
}
MOST_WHOLE_DIGITS = 9

_WHOLE_AND_PART = re.compile(r"([0-9]+)(?:\.([0-9]+))?", re.ASCII)
_EXPONENT_FORM = re.compile(r"[+-]?[0-9.]+[eE][+-]?[0-9]+", re.ASCII)
_GROUPED = re.compile(r"[0-9]+(?:[,\s'_][0-9]+)+(?:[.,][0-9]+)?|[0-9]+,[0-9]+", re.ASCII)
# Minus signs that keyboards and word processors produce beside the ASCII one.
_MINUS_SIGNS = "-\u2010\u2011\u2012\u2013\u2014\u2212\ufe63\uff0d"


def exponent_of(currency: str) -> int:
    """How many decimals `currency` has. Raises UnknownCurrency."""
    try:
        return EXPONENTS[currency]
    except KeyError:
        raise errors.UnknownCurrency(currency=currency) from None


@dataclass(frozen=True, slots=True)
class Money:
    """`minor` minor units (fen, cents) of `currency`. May be negative: a difference is money."""

    minor: int
    currency: str

    def __post_init__(self) -> None:
        if type(self.minor) is not int:
            raise TypeError("Money counts whole minor units: minor must be an int.")
        exponent_of(self.currency)

    @classmethod
    def parse(cls, text: str, currency: str) -> Money:
        """Read what a person typed. Raises the MoneyError that names what is wrong with it.

        Accepted: ASCII digits, at most nine before the point, and at most as many decimals as
        the currency has; more than zero. Space around it is refused too: forms strip it.
        """
        exponent = exponent_of(currency)
        found = _WHOLE_AND_PART.fullmatch(text)
        if found is None:
            raise _what_is_wrong(text)
        whole, part = found.group(1), found.group(2) or ""
        if len(whole) > MOST_WHOLE_DIGITS:
            most = cls(10 ** (MOST_WHOLE_DIGITS + exponent) - 1, currency)
            raise errors.AmountTooLarge(most=most.major_text)
        if part and exponent == 0:
            raise errors.AmountNoDecimals(currency=currency)
        if len(part) > exponent:
            raise errors.AmountTooPrecise(decimals=exponent)
        minor = int(whole) * 10**exponent + int(part.ljust(exponent, "0") or 0)
        if minor == 0:
            raise errors.AmountZero()
        return cls(minor, currency)

    def __str__(self) -> str:
        """Plain text that `parse` reads back: `1234.50`."""
        return self._text(grouping="")

    @property
    def major_text(self) -> str:
        """For people, without the currency: `1,234.50`."""
        return self._text(grouping=",")

    @property
    def text(self) -> str:
        """For people, with the currency code: `1,234.50 CNY`."""
        return f"{self.major_text} {self.currency}"

    def _text(self, *, grouping: str) -> str:
        exponent = EXPONENTS[self.currency]
        whole, part = divmod(abs(self.minor), 10**exponent)
        sign = "-" if self.minor < 0 else ""
        digits = f"{whole:,}".replace(",", grouping)
        return f"{sign}{digits}.{part:0{exponent}d}" if exponent else f"{sign}{digits}"

    def _same(self, other: Money) -> None:
        if self.currency != other.currency:
            raise errors.CurrencyMismatch(left=self.currency, right=other.currency)

    def __add__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor + other.minor, self.currency)

    def __sub__(self, other: Money) -> Money:
        self._same(other)
        return Money(self.minor - other.minor, self.currency)

    def __neg__(self) -> Money:
        return Money(-self.minor, self.currency)

    def __lt__(self, other: Money) -> bool:
        self._same(other)
        return self.minor < other.minor

    def __le__(self, other: Money) -> bool:
        self._same(other)
        return self.minor <= other.minor

    def __gt__(self, other: Money) -> bool:
        return other < self

    def __ge__(self, other: Money) -> bool:
        return other <= self

    def __bool__(self) -> bool:
        return self.minor != 0


def _what_is_wrong(text: str) -> errors.MoneyError:
    """Name the fault of a text that is no amount, the most telling one first."""
    if not text.strip():
        return errors.AmountControlCharacter() if "\x00" in text else errors.AmountEmpty()
    if any(not character.isprintable() for character in text):
        return errors.AmountControlCharacter()
    if text[0] in _MINUS_SIGNS:
        return errors.AmountNegative()
    if not text.isascii():
        return errors.AmountNotASCII()
    if _EXPONENT_FORM.fullmatch(text):
        return errors.AmountExponent()
    if _GROUPED.fullmatch(text):
        return errors.AmountSeparator()
    try:
        is_finite = math.isfinite(float(text.replace("_", "x")))
    except ValueError:
        return errors.AmountNotANumber() if text[0].isalpha() else errors.MoneyError()
    return errors.MoneyError() if is_finite else errors.AmountNotANumber()
