"""Writing amounts the way the design asks: sign, currency sign, thousands, decimals.

Pure functions on integer minor units. The page frame knows no ledger, so the exponents and
signs of the currencies that pages show are kept here (ISO 4217)."""

from __future__ import annotations

from typing import NamedTuple

MINUS = "\N{MINUS SIGN}"
EXPONENTS = {"CNY": 2, "USD": 2, "EUR": 2, "HKD": 2, "JPY": 0}
SYMBOLS = {"CNY": "¥", "USD": "$", "EUR": "€", "HKD": "HK$", "JPY": "JP¥"}


class Figure(NamedTuple):
    """An amount cut into the parts that pages set in different sizes."""

    sign: str
    symbol: str
    whole: str
    decimals: str

    @property
    def text(self) -> str:
        """The whole amount as one piece, for screen readers and sentences."""
        return f"{self.sign}{self.symbol}{self.whole}{self.decimals}"


def write_amount(amount_minor: int, *, currency: str, sign: str = "auto") -> Figure:
    """Cut `amount_minor` (integer minor units of `currency`) into its written parts.

    `sign`: "auto" marks only what is below zero, "in" writes a plus, "out" a minus, "none"
    neither. Raises KeyError for a currency that no page knows.
    """
    exponent = EXPONENTS[currency]
    whole, rest = divmod(abs(amount_minor), 10**exponent)
    marks = {
        "in": "+",
        "out": MINUS,
        "none": "",
        "auto": MINUS if amount_minor < 0 else "",
    }
    return Figure(
        sign=marks[sign],
        symbol=SYMBOLS[currency],
        whole=f"{whole:,}",
        decimals=f".{rest:0{exponent}d}" if exponent else "",
    )
