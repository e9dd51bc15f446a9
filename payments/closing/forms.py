"""What is typed to close a wallet."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.payment_password.forms import PaymentPasswordField


class CloseForm(forms.Form):
    """The payment password, and that its consequences were read."""

    payment_password = PaymentPasswordField(label=_("Payment password"))
    understood = forms.BooleanField(
        label=_("I have read what closing means."),
        error_messages={"required": _("Please confirm that you have read what closing means.")},
    )
