"""What is typed to send money to a number without a wallet: shape only."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.processing.forms import ComposeForm, TextField
from payments.transfers.typed import NOTE_MOST


class UnclaimedForm(ComposeForm):
    """To which number, how much, and a word with it. The service reads all of it."""

    payee = TextField(
        label=_("Their mobile number"),
        widget=forms.TextInput(
            attrs={"inputmode": "tel", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": _("Enter the mobile number of the payee.")},
    )
    note = TextField(
        label=_("Note"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": str(NOTE_MOST), "autocomplete": "off"}),
    )
    field_order = ("payee", "amount", "note", "compose_key")
