"""What is typed to prepare a transfer: shape only; the service decides."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from accounts.security.errors import Refusal
from payments.processing.forms import ComposeForm, TextField
from payments.transfers.arrival import AUTOMATIC, delay_text, list_delays
from payments.transfers.typed import NOTE_MOST, clean_note, parse_amount
from payments.wallets.selectors import payee_key


class PayeeForm(ComposeForm):
    """To whom, how much, and a word with it."""

    payee = TextField(
        label=_("Payee's phone or wallet number"),
        widget=forms.TextInput(
            attrs={"inputmode": "tel", "autocomplete": "off", "spellcheck": "false"}
        ),
        error_messages={"required": _("Enter the phone or wallet number of the payee.")},
    )
    note = TextField(
        label=_("Note"),
        required=False,
        widget=forms.TextInput(attrs={"maxlength": str(NOTE_MOST), "autocomplete": "off"}),
    )

    def __init__(self, *args: Any, amount_hint: str = "", **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["amount"].help_text = amount_hint

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
        return checked_amount(self.cleaned_data["amount"])

    def clean_note(self) -> str:
        """The note without what cannot be seen."""
        text: str = self.cleaned_data["note"]
        return _checked(lambda: clean_note(text))


class TransferForm(PayeeForm):
    """The same, and when it shall arrive."""

    # A form without the field, as older pages send it, means at once.
    arrival = forms.ChoiceField(
        label=_("Arrival"),
        required=False,
        initial=AUTOMATIC,
        widget=forms.RadioSelect,
        error_messages={"invalid_choice": _("Choose when it shall arrive.")},
    )
    field_order = ("payee", "amount", "arrival", "note", "compose_key")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        arrival = self.fields["arrival"]
        assert isinstance(arrival, forms.ChoiceField)
        arrival.choices = _arrival_choices()
        arrival.widget.template_name = "shell/widgets/choices.html"


def _arrival_choices() -> list[tuple[str, str]]:
    """Each with its small print, which follows the bar."""
    first = delay_text(settings.PAYMENTS["first_payee_delay"])
    automatic = gettext(
        "As recommended|%(after)s the first time you pay somebody, otherwise at once"
    ) % {"after": first}
    later = gettext("until then you can stop it")
    now = gettext("once it has arrived it cannot be undone")
    return [
        (AUTOMATIC, automatic),
        *(
            (str(delay), f"{delay_text(delay)}|{later if delay else now}")
            for delay in list_delays()
        ),
    ]


def checked_amount(text: str) -> str:
    """The amount as the books write it. Raises ValidationError with the sentence for a mistake."""
    return _checked(lambda: str(parse_amount(text, settings.WALLET_CURRENCY)))


def _checked(read: Callable[[], str]) -> str:
    try:
        return read()
    except Refusal as refusal:
        raise ValidationError(refusal.message, code=refusal.code) from None
