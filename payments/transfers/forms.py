"""What is typed to prepare a transfer: shape only; the service decides."""

from __future__ import annotations

import uuid
from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal
from payments.transfers.typed import NOTE_MOST, clean_note, parse_amount
from payments.wallets.selectors import payee_key

_OLD_FORM = _("This page was open too long or was changed. Check it and press the button again.")


class TextField(forms.Field):
    """Text as it was typed: no rule of Django's comes before ours and its sentence."""

    widget = forms.TextInput

    def to_python(self, value: Any) -> str:
        """The text; nothing typed is the empty text."""
        return "" if value is None else str(value)


class TransferForm(forms.Form):
    """To whom, how much, and a word with it."""

    payee = TextField(
        label=_("Payee's phone or wallet number"),
        widget=forms.TextInput(
            attrs={"inputmode": "tel", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": _("Enter the phone or wallet number of the payee.")},
    )
    amount = TextField(
        label=_("Amount"),
        error_messages={"required": _("Enter an amount, for example 12.50.")},
    )
    note = TextField(
        label=_("Note"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": str(NOTE_MOST), "autocomplete": "off"}),
    )
    # Made when the page is shown: the same form sent again is the same transfer.
    compose_key = forms.UUIDField(
        widget=forms.HiddenInput,
        error_messages={"required": _OLD_FORM, "invalid": _OLD_FORM},
    )

    def __init__(self, *args: Any, amount_hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        amount = self.fields["amount"]
        amount.help_text = amount_hint
        amount.widget.template_name = "shell/widgets/amount.html"
        self.fields["compose_key"].initial = uuid.uuid4

    def clean_payee(self) -> str:
        """Refuse what cannot be a number before anything is looked up."""
        text: str = self.cleaned_data["payee"].strip()
        if not payee_key(text):
            raise ValidationError(
                _(
                    "This is neither a mobile number (11 digits) nor a wallet number (16 digits). "
                    "Check it."
                ),
                code="payee.shape",
            )
        return text

    def clean_amount(self) -> str:
        """Refuse what is no amount; the service reads it again."""
        text: str = self.cleaned_data["amount"]
        return _checked(lambda: str(parse_amount(text, settings.WALLET_CURRENCY)))

    def clean_note(self) -> str:
        """The note without what cannot be seen."""
        text: str = self.cleaned_data["note"]
        return _checked(lambda: clean_note(text))

    def renew_key(self) -> None:
        """Give the page that is shown again a new key: the old one is used up."""
        kept = {name: self.data.get(name, "") for name in self.fields}
        self.data = {**kept, "compose_key": str(uuid.uuid4())}


def _checked(read: Callable[[], str]) -> str:
    try:
        return read()
    except Refusal as refusal:
        raise ValidationError(refusal.message, code=refusal.code) from None
