"""What somebody types who says "that was not me"."""

from __future__ import annotations

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.phone.forms import PhoneField
from accounts.security.letters import parse_two_groups


class NotMeForm(forms.Form):
    """Which change, and the phone that was told of it."""

    number = forms.CharField(
        label=_("Number of the change"),
        help_text=_("It stands in the text message, such as 7K3M-94QX."),
        max_length=40,
        error_messages={"required": _("Type the number out of the text message.")},
        widget=forms.TextInput(attrs={"autocomplete": "off", "spellcheck": "false"}),
    )
    phone = PhoneField(label=_("Phone number that got the message"))

    def clean_number(self) -> str:
        """In its one way of writing."""
        number = parse_two_groups(self.cleaned_data["number"])
        if number is None:
            raise ValidationError(
                _("The number has 8 letters and digits, such as 7K3M-94QX."), code="number"
            )
        return number
