"""Fields for phone numbers and for the codes sent to them."""

from __future__ import annotations

import re
import unicodedata
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.phone.numbers import clean_phone

_SIX_DIGITS = re.compile(r"\A[0-9]{6}\Z")
_LONGEST_TYPED = 40


class PhoneField(forms.CharField):
    """A mobile number that can get a code; gives E.164."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Type your mobile number, 11 digits.")
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Phone number"))
        super().__init__(**kwargs)
        self.widget.attrs.update({"inputmode": "tel", "spellcheck": "false"})
        self.widget.attrs.setdefault("autocomplete", "tel")

    def to_python(self, value: Any) -> str:
        """The number in E.164, or a sentence that says what to do about it."""
        text = super().to_python(value)
        return clean_phone(text) if text else ""


class SmsCodeField(forms.CharField):
    """Six digits from a message; spaces and full-width digits are put right."""

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Type the 6 digits from the message.")
    }

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("6-digit code"))
        kwargs.setdefault(
            "help_text",
            _("It belongs on this page only. Give it to nobody, not even to us."),
        )
        super().__init__(**kwargs)
        self.widget.template_name = "shell/widgets/code.html"
        # Room for the spaces that some phones put between the digits.
        self.widget.attrs.update({"maxlength": "12"})

    def to_python(self, value: Any) -> str:
        """The six digits."""
        text = super().to_python(value)
        if not text:
            return ""
        digits = unicodedata.normalize("NFKC", text[:_LONGEST_TYPED])
        digits = "".join(digits.replace("-", "").split())
        if not _SIX_DIGITS.match(digits) or len(text) > _LONGEST_TYPED:
            raise ValidationError(_("The code is the 6 digits in the message."), code="digits")
        return digits


class CodeForm(forms.Form):
    """The one field of every code page."""

    code = SmsCodeField()
