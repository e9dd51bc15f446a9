"""What a customer agrees to."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ConsentForm(forms.Form):
    """An own yes, never ticked beforehand."""

    agreed = forms.BooleanField(
        label=_("I am talking to the bank, and I want this helper to look with me"),
        error_messages={"required": _("Tick the box if you want this; otherwise go back.")},
    )
