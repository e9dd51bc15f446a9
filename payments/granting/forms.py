"""What a maker types."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.security.reasons import ReasonField
from payments.wallets.days import bank_day
from payments.wallets.fields import OpenWalletField
from payments.wallets.forms import OwnLimitsForm


class GrantLimitsForm(OwnLimitsForm):
    """Which wallet, which limits, to the end of which day, and why."""

    number = OpenWalletField()
    last_day = forms.DateField(
        label=_("Last day"),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
        error_messages={"required": _("Choose the last day.")},
    )
    reason = ReasonField(
        label=_("Reason, with the number of the case"),
        min_length=5,
        max_length=100,
        help_text=_("The customer reads it on the page of limits."),
        error_messages={"required": _("Write a reason; without one nothing is done.")},
    )
    field_order = ("number", "single", "day", "day_count", "last_day", "reason")

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        hint = _("Empty: as the class says")
        hints = dict.fromkeys(("single", "day", "day_count"), str(hint))
        super().__init__(*args, currency=settings.WALLET_CURRENCY, hints=hints, **kwargs)
        self.fields["last_day"].help_text = _("Within %(days)s days.") % {
            "days": settings.GRANTING["most_days"]
        }

    def clean_last_day(self) -> Any:
        """From today on, and not for ever."""
        day, today = self.cleaned_data["last_day"], bank_day()
        if not today <= day <= today + timedelta(days=settings.GRANTING["most_days"]):
            raise ValidationError(
                _("Choose a day from today on, within %(days)s days."),
                code="grant.day",
                params={"days": settings.GRANTING["most_days"]},
            )
        return day


class ClassOneForm(forms.Form):
    """Whose wallet, and what the document in hand says."""

    number = OpenWalletField()
    digits = forms.CharField(
        label=_("Last 6 characters of the ID number, as the document says them"),
        max_length=6,
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
        error_messages={"required": _("Type the last 6 characters of the ID number.")},
    )
    is_seen = forms.BooleanField(
        label=_("The person is in front of me, the document is an original, valid, and shows them"),
        error_messages={"required": _("Class I takes a check in person.")},
    )
    reason = ReasonField(
        label=_("Branch and kind of document"),
        min_length=5,
        max_length=100,
        help_text=_("In a few words. The customer can read this in the security centre."),
        error_messages={"required": _("Write a reason; without one nothing is done.")},
    )
