"""What is typed on the limits page: three limits, each of which may be left to the class."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.errors import MoneyError
from ledger.money import Money
from payments.wallets.own_limits import Wishes

_COUNT_WRONG = _("Type a whole number from 1 to 9999, or leave it empty.")


class OwnLimitsForm(forms.Form):
    """Empty fields set nothing; `wishes()` after `is_valid()`."""

    single = forms.CharField(label=_("One payment"), required=False)
    day = forms.CharField(label=_("All payments of a day"), required=False)
    day_count = forms.IntegerField(
        label=_("Number of payments a day"),
        required=False,
        min_value=1,
        max_value=9999,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={
            "invalid": _COUNT_WRONG,
            "min_value": _COUNT_WRONG,
            "max_value": _COUNT_WRONG,
        },
    )

    def __init__(
        self, *args: Any, currency: str, hints: dict[str, str] | None = None, **kwargs: Any
    ) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for name in ("single", "day"):
            self.fields[name].widget.template_name = "shell/widgets/amount.html"
        for name, hint in (hints or {}).items():
            self.fields[name].help_text = hint

    def clean_single(self) -> int | None:
        """In minor units."""
        return self._amount("single")

    def clean_day(self) -> int | None:
        """In minor units."""
        return self._amount("day")

    def wishes(self) -> Wishes:
        """What the form asks for."""
        data = self.cleaned_data
        return Wishes(data["single"], data["day"], data["day_count"])

    def _amount(self, name: str) -> int | None:
        text = self.cleaned_data[name]
        if not text:
            return None
        try:
            return Money.parse(text, self.currency).minor
        except MoneyError as error:
            raise ValidationError(error.message, code=error.code) from None
