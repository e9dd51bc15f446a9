"""What is typed on the authorise page."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.payment_password.forms import PaymentPasswordField


class AuthoriseForm(forms.Form):
    """The payment password, and nothing else: what is paid stands in the payment."""

    payment_password = PaymentPasswordField(
        help_text=_("6 digits, not the login password"),
        error_messages={"required": _("Type your payment password. Nothing was charged.")},
    )
