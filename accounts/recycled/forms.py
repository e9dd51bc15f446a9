"""What is typed about a number that went to somebody else."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from accounts.phone.forms import PhoneField
from accounts.signin.forms import LONGEST_PASSWORD, RevealedPasswordInput


class NumberForm(forms.Form):
    """The number that is mine now."""

    phone = PhoneField(label=_("Your phone number"))


class FormerForm(forms.Form):
    """The number that was mine, and my login password."""

    phone = PhoneField(label=_("The phone number you had"))
    password = forms.CharField(
        label=_("Login password"),
        strip=False,
        max_length=LONGEST_PASSWORD,
        widget=RevealedPasswordInput(attrs={"autocomplete": "current-password"}),
        error_messages={"required": _("Type your login password.")},
    )
