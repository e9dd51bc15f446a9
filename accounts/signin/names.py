"""What somebody typed as their name at the door."""

from __future__ import annotations

import unicodedata

import phonenumbers
from django.conf import settings


def canonical_name(typed: str) -> str:
    """The phone number in E.164 when it is one, else the text, tidied: the same however typed.

    Tries are counted under it, so spaces or a country code open no second account of tries.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    try:
        number = phonenumbers.parse(text, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        return text.casefold()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def phone_or_nobody(name: str) -> str:
    """A canonical name fit for a look-up; a text that is no phone becomes a number nobody has."""
    digits = name[1:]
    is_phone = name.startswith("+") and digits.isascii() and digits.isdigit() and len(name) <= 16
    return name if is_phone else "+999"
