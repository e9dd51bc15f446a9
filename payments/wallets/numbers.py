"""Wallet numbers: sixteen digits that a person can dictate and a typing mistake does not reach.

Source: ISO/IEC 7812-1 annex B (the Luhn check digit), as on bank cards.
"""

from __future__ import annotations

import secrets

PREFIX = "6210"
LENGTH = 16


def new_wallet_number() -> str:
    """A random number with its check digit; the unique index decides whether it is free."""
    body = PREFIX + "".join(secrets.choice("0123456789") for _ in range(LENGTH - len(PREFIX) - 1))
    return body + _check_digit(body)


def is_wallet_number(text: str) -> bool:
    """Whether these are the digits of a wallet number, check digit included."""
    return (
        len(text) == LENGTH
        and text.isascii()
        and text.isdecimal()
        and text.startswith(PREFIX)
        and _check_digit(text[:-1]) == text[-1]
    )


def mask_wallet_number(number: str) -> str:
    """`6210 **** **** 6027`."""
    return f"{number[:4]} **** **** {number[-4:]}"


def spaced_number(key: str) -> str:
    """A wallet number or a phone number (E.164) as people write it; others stay as they are."""
    if is_wallet_number(key):
        return " ".join(key[at : at + 4] for at in range(0, LENGTH, 4))
    home = key.removeprefix("+86")
    if home != key and len(home) == 11:
        return f"{home[:3]} {home[3:7]} {home[7:]}"
    return key


def _check_digit(body: str) -> str:
    total = 0
    for place, digit in enumerate(reversed(body)):
        value = int(digit) * (2 if place % 2 == 0 else 1)
        total += value - 9 if value > 9 else value
    return str(-total % 10)
