"""Fields and forms of the payment password."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_SIX_DIGITS = re.compile(r"\A[0-9]{6}\Z")


class PaymentPasswordField(forms.CharField):
    """Exactly six ASCII digits, typed unseen and never shown again.

    Nothing is converted: full-width digits are refused by name, for what one person's keyboard
    turns into a digit another one's does not.
    """

    def __init__(self, **kwargs: Any) -> None:
        kwargs.setdefault("label", _("Payment password"))
        # The limit is ours to word; CharField would count characters before we look.
        super().__init__(widget=forms.PasswordInput, strip=False, **kwargs)
        self.widget.template_name = "shell/widgets/pin.html"
        self.widget.attrs.setdefault("maxlength", "6")

    def to_python(self, value: Any) -> str:
        """The digits, or a sentence that says what is wrong with them."""
        text = str(value or "")
        if not text or _SIX_DIGITS.match(text):
            return text
        if len(text) <= 12 and _SIX_DIGITS.match(unicodedata.normalize("NFKC", text)):
            raise ValidationError(
                _("These are full-width digits. Switch your keyboard to plain digits 0 to 9."),
                code="full_width",
            )
        raise ValidationError(
            _("A payment password is exactly 6 digits, 0 to 9."), code="six_digits"
        )
