"""Phone numbers that can get a code."""

from __future__ import annotations

import unicodedata

import phonenumbers
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _
from phonenumbers import PhoneNumberType

_LONGEST_TYPED = 40
_MOBILE = {PhoneNumberType.MOBILE, PhoneNumberType.FIXED_LINE_OR_MOBILE}


def clean_phone(typed: str) -> str:
    """The number in E.164. Raises `ValidationError` with what to do about it.

    Only mobile numbers of `SMS["countries"]`: messages abroad cost money that strangers could
    spend for us.
    """
    text = unicodedata.normalize("NFKC", typed).strip()
    if len(typed) > _LONGEST_TYPED or not text.isprintable():
        raise _not_a_number()
    try:
        number = phonenumbers.parse(text, settings.PHONENUMBER_DEFAULT_REGION)
    except phonenumbers.NumberParseException:
        raise _not_a_number() from None
    if not set(text) <= set("0123456789+-() ."):
        raise _not_a_number()
    home = phonenumbers.country_code_for_region(settings.PHONENUMBER_DEFAULT_REGION)
    region = phonenumbers.region_code_for_number(number)
    if number.country_code != home or (region and region not in settings.SMS["countries"]):
        raise ValidationError(
            _("We send codes to mobile numbers of mainland China only (+86)."), code="country"
        )
    digits = str(number.national_number)
    kind = phonenumbers.number_type(number)
    if kind not in _MOBILE and phonenumbers.is_valid_number(number):
        raise ValidationError(
            _("This is not a mobile number, so it cannot get our text message."),
            code="landline",
        )
    if not phonenumbers.is_valid_number(number):
        if len(digits) != 11:
            raise ValidationError(
                _("A mobile number has 11 digits; you typed %(typed)s."),
                code="length",
                params={"typed": len(digits)},
            )
        raise _not_a_number()
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def _not_a_number() -> ValidationError:
    return ValidationError(
        _("This is not a mobile number. Type the 11 digits, such as 138 0013 8000."),
        code="phone",
    )
