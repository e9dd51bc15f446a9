"""What people type about cards, top-ups and withdrawals: shape only; the services decide."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from ledger.errors import MoneyError
from ledger.money import Money
from payments.banking.models import LinkedCard
from payments.processing.forms import ComposeForm


class CardForm(forms.Form):
    """A bank card of one's own."""

    number = forms.CharField(
        label=_("Card number"),
        max_length=40,
        help_text=_("16 to 19 digits on the front of the card, without the signs in between"),
        widget=forms.TextInput(
            attrs={
                "inputmode": "numeric",
                "autocomplete": "cc-number",
                "spellcheck": "false",
            }
        ),
        error_messages={"required": _("Enter the number of your card.")},
    )
    holder_name = forms.CharField(
        label=_("Holder's name"),
        max_length=80,
        help_text=_("Only a card in your own name can be linked."),
        widget=forms.TextInput(attrs={"autocomplete": "name", "spellcheck": "false"}),
        error_messages={"required": _("Enter the holder's name as on your ID card.")},
    )


class CardAmountForm(ComposeForm):
    """Which card, and how much. `amount` cleans to `Money`."""

    card = forms.ChoiceField(
        label=_("Card"),
        error_messages={
            "required": _("Choose a card."),
            "invalid_choice": _("This card is not among your linked cards. Choose another."),
        },
        widget=forms.RadioSelect,
    )
    field_order = ("card", "amount", "compose_key")

    def __init__(self, *args: Any, cards: Sequence[LinkedCard], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        card = self.fields["card"]
        assert isinstance(card, forms.ChoiceField)
        card.choices = [(str(one.public_id), one.label) for one in cards]
        card.widget.template_name = "shell/widgets/choices.html"

    def clean_amount(self) -> Money:
        """Read the amount strictly; every fault has its own sentence."""
        try:
            return Money.parse(self.cleaned_data["amount"], settings.WALLET_CURRENCY)
        except MoneyError as error:
            raise ValidationError(error.message, code=error.code) from None


class TopUpForm(CardAmountForm):
    """From which card, and how much."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["card"].label = _("From card")


class WithdrawForm(CardAmountForm):
    """To which card, and how much."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["card"].label = _("To card")

    def fill_amount(self, amount_minor: int) -> None:
        """Show the form again with this amount, whatever was typed; nothing is checked yet."""
        kept = {name: self.data.get(name, "") for name in self.fields}
        amount = str(Money(amount_minor, settings.WALLET_CURRENCY))
        self.initial = {**self.initial, **kept, "amount": amount}
        self.is_bound = False
