"""Amounts as people read them, for sentences that are put together in Python."""

from __future__ import annotations

from ledger.money import Money

_SYMBOLS = {"CNY": "¥"}


def amount_text(amount_minor: int, currency: str) -> str:
    """`¥1,234.50`; a currency without a sign of its own shows its code."""
    money = Money(amount_minor, currency)
    symbol = _SYMBOLS.get(currency)
    return f"{symbol}{money.major_text}" if symbol else money.text
