"""What an agent types at the desk."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.phone.numbers import clean_phone
from accounts.security.reasons import ReasonField
from accounts.support.models import SupportVisit

_REASON_LEAST, _REASON_MOST = 5, 200


class ReasonForm(forms.Form):
    """Why; the customer can read it."""

    reason = ReasonField(
        label=_("Reason"),
        min_length=_REASON_LEAST,
        max_length=_REASON_MOST,
        help_text=_("In a few words. The customer can read this in the security centre."),
        error_messages={
            "required": _("Write a reason; without one nothing is done."),
            "min_length": _("Write the reason in a few words."),
        },
    )


class OpenCustomerForm(ReasonForm):
    """Whom to open, and why."""

    phone = forms.CharField(
        label=_("Customer's phone number"),
        max_length=40,
        help_text=_("The whole number; there is no search by parts."),
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
        error_messages={"required": _("Type the phone number of the customer.")},
    )
    why = forms.ChoiceField(
        label=_("Why"),
        choices=[each for each in SupportVisit.Why.choices if each[0] != SupportVisit.Why.CASE],
    )
    field_order = ("phone", "why", "reason")

    def clean_phone(self) -> str:
        """The number as it is stored."""
        typed: str = self.cleaned_data["phone"]
        try:
            return clean_phone(typed)
        except ValidationError as error:
            raise ValidationError(error.messages[0], code="support.phone") from None


class OpenFromCaseForm(ReasonForm):
    """Why the customer of a case is opened; whom is known."""


class AnswerForm(forms.Form):
    """Which of the choices the caller names."""

    choice = forms.IntegerField(
        min_value=0,
        max_value=9,
        widget=forms.HiddenInput,
        error_messages={"required": _("Choose what the caller says.")},
    )


class HandOverForm(ReasonForm):
    """What a second person should decide: another phone, or the factor taken away."""

    phone = forms.CharField(
        label=_("New phone number; leave it empty to take the second factor away"),
        required=False,
        max_length=40,
        widget=forms.TextInput(attrs={"inputmode": "tel", "autocomplete": "off"}),
    )

    def clean_phone(self) -> str:
        """The number as it is stored; empty stays empty."""
        typed: str = self.cleaned_data["phone"]
        if not typed.strip():
            return ""
        try:
            return clean_phone(typed)
        except ValidationError as error:
            raise ValidationError(error.messages[0], code="support.phone") from None


class DigitsForm(forms.Form):
    """What the caller says are the last characters of their ID number."""

    digits = forms.CharField(
        label=_("Last 6 characters of the ID number, as the caller says them"),
        error_messages={"required": _("Type what the caller says.")},
        max_length=12,
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )


class CodeForm(forms.Form):
    """What the caller reads out of the text message."""

    code = forms.CharField(
        label=_("Code that the caller reads out"),
        error_messages={"required": _("Type what the caller says.")},
        max_length=12,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
    )


class ShownCodeForm(forms.Form):
    """What the caller reads off their own screen."""

    code = forms.CharField(
        label=_("Code on the customer's screen"),
        help_text=_("Eight letters and digits, as 7K3M-94QX."),
        error_messages={"required": _("Type what the caller says.")},
        max_length=20,
        widget=forms.TextInput(
            attrs={"autocomplete": "off", "autocapitalize": "characters", "spellcheck": "false"}
        ),
    )
