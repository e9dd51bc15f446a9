"""What is typed to freeze, and to lift a freeze."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.payment_password.forms import IdDigitsField, PaymentPasswordField


class FreezeCodeForm(forms.Form):
    """The letters on the paper."""

    code = forms.CharField(
        label=_("Freeze code"),
        help_text=_("16 letters and digits. Spaces, dashes and small letters are fine."),
        max_length=60,
        error_messages={"required": _("Type the freeze code from your paper.")},
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )


class LiftForm(forms.Form):
    """Who is asking: payment password, and the end of the ID number where there is one."""

    payment_password = PaymentPasswordField(label=_("Payment password"))
    id_digits = IdDigitsField()

    def __init__(self, *args: Any, has_identity: object, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if not has_identity:
            del self.fields["id_digits"]
