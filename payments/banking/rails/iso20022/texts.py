"""What a text or an amount may be inside a document."""

from __future__ import annotations

import re
import unicodedata
from decimal import Decimal, InvalidOperation

MOST_NAME = 140
MINOR_DIGITS = 2
# ISO 20022 allows 18 digits; no sum of this wallet comes near.
MOST_MINOR = 10**15

# Everything that the Char production of XML 1.0 (section 2.2) leaves out.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")


def clean_text(text: str, *, most: int) -> str:
    """`text` as one line that XML can carry, at most `most` characters of it."""
    composed = _NOT_XML.sub("", unicodedata.normalize("NFC", text))
    return " ".join(composed.split())[:most].strip()


def amount_text(amount_minor: int) -> str:
    """1050 -> "10.50", as documents write it."""
    sign = "-" if amount_minor < 0 else ""
    whole, rest = divmod(abs(amount_minor), 10**MINOR_DIGITS)
    return f"{sign}{whole}.{rest:0{MINOR_DIGITS}d}"


def parse_amount(text: str) -> int:
    """Minor units of a decimal: "10.5" is 1050.

    Raises ValueError for a fraction of a minor unit, and for an absurd sum.
    """
    try:
        scaled = Decimal(text.strip()).scaleb(MINOR_DIGITS)
        minor = int(scaled)
    except (InvalidOperation, ValueError, OverflowError):
        raise ValueError("not an amount") from None
    if minor != scaled or abs(minor) > MOST_MINOR:
        raise ValueError("not an amount in whole minor units")
    return minor
