"""Chinese resident identity numbers (GB 11643-1999): shape, date, check digit."""

from __future__ import annotations

import unicodedata
from datetime import date

from django.core.exceptions import ValidationError
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from stdnum.cn import ric
from stdnum.exceptions import InvalidChecksum
from stdnum.exceptions import ValidationError as NumberError

LENGTH = 18
YOUNGEST_YEARS = 16
_LONGEST_TYPED = 40


def clean_id_number(typed: str) -> str:
    """The 18 characters in capitals, without spaces. Raises `ValidationError` with what to do.

    Source: GB 11643-1999; the check digit is ISO 7064 MOD 11-2 (python-stdnum).
    """
    if len(typed) > _LONGEST_TYPED:
        raise _length_error(len(typed))
    number = unicodedata.normalize("NFKC", typed).upper()
    number = "".join(number.replace("-", "").split())
    if not all(char in "0123456789X" for char in number):
        raise ValidationError(
            _("An ID number has digits only; the last character may be X."), code="characters"
        )
    if len(number) != LENGTH:
        raise _length_error(len(number))
    if not number[:-1].isdigit():
        raise ValidationError(_("X can only be the last character."), code="characters")
    born = _birth_date(number)
    try:
        ric.validate(number)
    except InvalidChecksum:
        raise ValidationError(
            _("The last character does not fit the others. Please compare with your ID card."),
            code="check_digit",
        ) from None
    except NumberError:
        raise ValidationError(
            _("There is no such ID number. Please check the first six digits."), code="place"
        ) from None
    if age_on(born, timezone.localdate()) < YOUNGEST_YEARS:
        raise ValidationError(
            _("You can open a wallet from the age of %(years)s."),
            code="age",
            params={"years": YOUNGEST_YEARS},
        )
    return number


def birth_date(number: str) -> date:
    """The date of birth inside a valid number."""
    return date(int(number[6:10]), int(number[10:12]), int(number[12:14]))


def age_on(born: date, today: date) -> int:
    """Full years."""
    return today.year - born.year - ((today.month, today.day) < (born.month, born.day))


def _birth_date(number: str) -> date:
    try:
        born = birth_date(number)
    except ValueError:
        born = None
    if born is None or not date(1900, 1, 1) <= born <= timezone.localdate():
        raise ValidationError(
            _("Digits 7 to 14 are the date of birth, and %(digits)s is not a date."),
            code="date",
            params={"digits": number[6:14]},
        )
    return born


def _length_error(length: int) -> ValidationError:
    return ValidationError(
        _("An ID number has %(right)s characters; you typed %(typed)s."),
        code="length",
        params={"right": LENGTH, "typed": length},
    )
