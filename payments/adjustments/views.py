"""The form that proposes an adjustment, below the admin site."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from django import forms
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.approvals.proposing import propose_page
from accounts.security.reasons import ReasonField
from accounts.users.models import User
from ledger.money import Money
from payments.adjustments.proposals import propose_adjustment
from payments.transfers.forms import checked_amount
from payments.wallets.fields import OpenWalletField

if TYPE_CHECKING:
    from accounts.approvals.models import Proposal

MAY = "accounts.propose_money"
GIVE, TAKE = "give", "take"


class AdjustmentForm(forms.Form):
    """Which wallet, which way, how much, and why."""

    number = OpenWalletField()
    way = forms.ChoiceField(
        label=gettext_lazy("Which way"),
        choices=[
            (GIVE, gettext_lazy("Give to the wallet")),
            (TAKE, gettext_lazy("Take from the wallet")),
        ],
    )
    amount = forms.CharField(label=gettext_lazy("Amount"), max_length=20)
    reason = ReasonField(
        label=gettext_lazy("Reason, with the number of the case"),
        min_length=5,
        max_length=100,
        help_text=gettext_lazy("The customer reads it beside the amount."),
    )

    def clean_amount(self) -> str:
        """As typed, once it is an amount."""
        return checked_amount(self.cleaned_data["amount"])


@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Propose; nothing is booked before a second person has decided."""
    return propose_page(
        request,
        may=MAY,
        form_class=AdjustmentForm,
        propose=_propose,
        title=_("Propose an adjustment"),
        lede=_(
            "Nothing is booked before a second person has decided. Limits and freezes do not hold; "
            "what a wallet does not hold is never taken."
        ),
    )


def _propose(maker: User, typed: dict[str, Any]) -> Proposal:
    wallet = typed["number"]
    minor = Money.parse(typed["amount"], wallet.currency).minor
    return propose_adjustment(
        wallet=wallet,
        amount_minor=minor if typed["way"] == GIVE else -minor,
        maker=maker,
        reason=typed["reason"],
    )
