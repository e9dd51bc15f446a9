"""What a person typed, made into what the services take."""

from __future__ import annotations

import unicodedata

from ledger.errors import MoneyError
from ledger.money import Money
from payments.transfers.errors import AmountRefused, NoteRefused

NOTE_MOST = 40
# Control, format (bidi, zero-width), private use, unassigned, surrogates: nothing to be read there,
# and some of it turns the text around it into a lie (U+202E).
UNSEEN = frozenset({"Cc", "Cf", "Co", "Cn", "Cs"})


def parse_amount(text: str, currency: str) -> Money:
    """The amount, exactly as typed. Raises `AmountRefused` with the sentence for this mistake."""
    try:
        return Money.parse(text.strip(" \t\r\n"), currency)
    except MoneyError as error:
        raise AmountRefused(message=error.message, code=error.code) from None


def clean_note(text: str) -> str:
    """The note in one line without anything unseen. Raises `NoteRefused` beyond 40 characters."""
    spaced = " ".join(text.split())
    seen = "".join(char for char in spaced if unicodedata.category(char) not in UNSEEN)
    note = " ".join(unicodedata.normalize("NFC", seen).split())
    if len(note) > NOTE_MOST:
        raise NoteRefused(most=NOTE_MOST, typed=len(note))
    return note
