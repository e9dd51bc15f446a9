"""A wallet as staff name it in a form."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from payments.wallets.models import Wallet
from payments.wallets.numbers import is_wallet_number


class OpenWalletField(forms.CharField):
    """All 16 digits of a wallet that is not closed; its value is the wallet."""

    def __init__(self) -> None:
        super().__init__(
            label=_("Wallet number, all 16 digits"),
            max_length=30,
            error_messages={"required": _("Type the number of the wallet.")},
        )

    def clean(self, value: Any) -> Wallet:
        """The wallet itself; spaces are fine."""
        digits = "".join(super().clean(value).split())
        found = Wallet.objects.filter(number=digits, closed_at=None).first()
        if not is_wallet_number(digits) or found is None:
            raise forms.ValidationError(_("No open wallet has this number."), code="number")
        return found
