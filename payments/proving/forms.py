"""What is typed for a second proof, and when one wants to be asked."""

from __future__ import annotations

from typing import Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from accounts.factors.forms import factor_code_field
from ledger.errors import MoneyError
from ledger.money import Money
from payments.proving.selectors import Rules


class FactorForm(forms.Form):
    """A code of the authenticator app, or a recovery code."""

    def __init__(self, *args: Any, has_app: bool, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["code"] = factor_code_field(has_app=has_app)


class PassedForm(forms.Form):
    """The proof was given already; one button is left."""


class RulesForm(forms.Form):
    """Two amounts, each of which may be empty, and a box; `rules()` after `is_valid()`."""

    from_amount = forms.CharField(
        label=_("From this amount on"),
        required=False,
        help_text=_(
            "Each payment counts by itself, a file of transfers with its sum, a planned transfer "
            "with the amount of one date. Empty: the amount alone is no reason to ask."
        ),
    )
    new_payee_over = forms.CharField(
        label=_("To a new payee, over"),
        required=False,
        help_text=_(
            "All you send to the same new payee counts together, in files and planned transfers, "
            "too. Empty: a new payee alone is no reason to ask."
        ),
    )
    on_new_devices = forms.BooleanField(
        label=_("From a browser or phone I have not paid from before"), required=False
    )

    def __init__(self, *args: Any, currency: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.currency = currency
        for name in ("from_amount", "new_payee_over"):
            self.fields[name].widget.template_name = "shell/widgets/amount.html"

    def clean_from_amount(self) -> int | None:
        """In minor units."""
        return self._amount("from_amount")

    def clean_new_payee_over(self) -> int | None:
        """In minor units."""
        return self._amount("new_payee_over")

    def rules(self) -> Rules:
        """What the form asks for."""
        data = self.cleaned_data
        return Rules(data["from_amount"], data["new_payee_over"], data["on_new_devices"])

    def _amount(self, name: str) -> int | None:
        text = self.cleaned_data[name]
        if not text:
            return None
        try:
            return Money.parse(text, self.currency).minor
        except MoneyError as error:
            raise ValidationError(error.message, code=error.code) from None
