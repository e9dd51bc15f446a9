"""Words of staff about a customer. They are kept for good, and the customer reads them: why
something was done, never whole numbers of people, which would outlive what is deleted."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from typing import Any

from django import forms
from stdnum import luhn
from stdnum.cn import ric

# What stands where a number was taken out.
BLANK = "••••••"

_GAP = r"[ .\-]?"
_ID_NUMBER = re.compile(rf"(?<!\d)[1-9](?:{_GAP}\d){{16}}{_GAP}[\dXx](?!\w)")
_PHONE = re.compile(rf"(?<!\d)(?:(?:\+|00)?86{_GAP})?1[3-9]\d(?:{_GAP}\d){{8}}(?!\d)")
_ABROAD = re.compile(rf"\+\d(?:{_GAP}\d){{7,14}}(?!\d)")
_CARD = re.compile(rf"(?<!\d)\d(?:{_GAP}\d){{12,18}}(?!\d)")


def without_numbers(text: str) -> str:
    """The text without phone numbers, ID numbers and card numbers, however they are spaced."""
    text = _ID_NUMBER.sub(partial(_unless_reference, ric.is_valid), text)
    for pattern in (_PHONE, _ABROAD):
        text = pattern.sub(BLANK, text)
    return _CARD.sub(partial(_unless_reference, luhn.is_valid), text)


def _unless_reference(is_valid: Callable[[str], bool], match: re.Match[str]) -> str:
    """Banks' references are long numbers, too; those of people have a digit that checks them."""
    number = re.sub(r"[^0-9X]", "", match.group().upper())
    return BLANK if is_valid(number) else match.group()


class ReasonField(forms.CharField):
    """A text of staff as it may be kept."""

    def clean(self, value: Any) -> Any:
        """What was typed, without the numbers of people."""
        return without_numbers(super().clean(value))
