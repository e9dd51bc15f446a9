"""Fields and forms of the payment password."""

from __future__ import annotations

import hmac
import re
import unicodedata
from typing import Any, ClassVar

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

_SIX_DIGITS = re.compile(r"\A[0-9]{6}\Z")


class PaymentPasswordField(forms.CharField):
    """Exactly six ASCII digits, typed unseen and never shown again.

    Nothing is converted: full-width digits are refused by name, for what one person's keyboard
    turns into a digit another one's does not.
    """

    default_error_messages: ClassVar[dict[str, Any]] = {
        "required": _("Type the 6 digits of the payment password.")
    }

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


class NewPaymentPasswordForm(forms.Form):
    """A new one, typed twice."""

    payment_password = PaymentPasswordField(
        label=_("New payment password"),
        help_text=_("6 digits that you type for every payment. Keep them to yourself."),
    )
    payment_password_again = PaymentPasswordField(label=_("New payment password again"))

    def clean(self) -> dict[str, Any]:
        """Both alike."""
        data = super().clean() or self.cleaned_data
        first, again = data.get("payment_password"), data.get("payment_password_again")
        if first and again and not hmac.compare_digest(first, again):
            self.add_error(
                "payment_password_again",
                ValidationError(
                    _("The two payment passwords differ. Please type both again."), code="differ"
                ),
            )
        return data


class ChangePaymentPasswordForm(NewPaymentPasswordForm):
    """The old one, and a new one twice."""

    old = PaymentPasswordField(label=_("Payment password now"))
    field_order = ("old", "payment_password", "payment_password_again")


class IdDigitsField(forms.CharField):
    """The last six characters of the ID number, in capitals."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Last 6 characters of your ID number"),
            error_messages={"required": _("Type the last 6 characters of your ID number.")},
            max_length=12,
            widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
        )

    def clean(self, value: Any) -> str:
        """Six characters; the last may be X."""
        text = unicodedata.normalize("NFKC", super().clean(value)).upper()
        digits = "".join(text.split())
        if not re.fullmatch(r"[0-9]{5}[0-9X]", digits):
            raise ValidationError(
                _("Type the last 6 characters of your ID number; the last may be X."),
                code="id_digits",
            )
        return digits


class FactorCodeForm(forms.Form):
    """The second factor at a reset; whoever knows factors gives the field."""

    def __init__(self, *args: Any, field: forms.Field, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = field


class ResetProofForm(forms.Form):
    """Who is asking: the login password, and the end of the ID number where there is one."""

    login_password = forms.CharField(
        label=_("Login password"),
        strip=False,
        max_length=256,
        error_messages={"required": _("Type the login password.")},
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    id_digits = IdDigitsField()

    def __init__(self, *args: Any, has_identity: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["login_password"].widget.template_name = "shell/widgets/reveal.html"
        if not has_identity:
            del self.fields["id_digits"]
