"""Card numbers: what people type, and what can be one."""

from __future__ import annotations

import re

from stdnum import luhn

from payments.banking.banks import ACCEPTED_PREFIX, LONGEST, SHORTEST
from payments.banking.errors import CardNotLinkable, CardNumberWrong

_DIGITS = re.compile(rf"[0-9]{{{SHORTEST},{LONGEST}}}", re.ASCII)


def clean_card_number(typed: str) -> str:
    """The digits of a card number; spaces and dashes between them are fine.

    Raises CardNumberWrong when the length or the check digit (Luhn, ISO/IEC 7812-1 annex B) is
    wrong, CardNotLinkable for a scheme that is not taken.
    """
    number = typed.strip().replace(" ", "").replace("-", "")
    if not _DIGITS.fullmatch(number) or not luhn.is_valid(number):
        raise CardNumberWrong
    if not number.startswith(ACCEPTED_PREFIX):
        raise CardNotLinkable
    return number
