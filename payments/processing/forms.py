"""What is typed on the authorise page, and what every form that composes a payment has."""

from __future__ import annotations

import uuid
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.payment_password.forms import PaymentPasswordField

_OLD_FORM = _("This page was open too long or was changed. Check it and press the button again.")


class AuthoriseForm(forms.Form):
    """The payment password, and nothing else: what is paid stands in the payment."""

    payment_password = PaymentPasswordField(
        help_text=_("6 digits, not the login password"),
        error_messages={"required": _("Type your payment password. Nothing was charged.")},
    )


class TextField(forms.Field):
    """Text as it was typed: no rule of Django's comes before ours and its sentence."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> str:
        """The text; nothing typed is the empty text."""
        return "" if value is None else str(value)


class ComposeForm(forms.Form):
    """A form that writes down a payment, with the key that makes one of it however often it
    is sent."""

    amount = TextField(
        label=_("Amount"),
        error_messages={"required": _("Enter an amount, for example 12.50.")},
    )
    # Made when the page is shown: the same form sent again is the same payment.
    compose_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": _OLD_FORM, "invalid": _OLD_FORM},
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].widget.template_name = "shell/widgets/amount.html"
        self.fields["compose_key"].initial = uuid.uuid4

    def renew_key(self) -> None:
        """Give the page that is shown again a new key: the old one is used up."""
        kept = {name: self.data.get(name, "") for name in self.fields}
        self.data = {**kept, "compose_key": str(uuid.uuid4())}
