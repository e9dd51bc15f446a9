"""The form that proposes an adjustment, below the admin site."""

from __future__ import annotations

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import signed_in_user
from ledger.money import Money
from payments.adjustments.proposals import propose_adjustment
from payments.transfers.forms import checked_amount
from payments.wallets.fields import OpenWalletField

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
    reason = forms.CharField(
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
    if not admin.site.has_permission(request):
        return admin.site.login(request)
    if not request.user.has_perm(MAY):
        raise PermissionDenied
    form = AdjustmentForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        wallet = form.cleaned_data["number"]
        minor = Money.parse(form.cleaned_data["amount"], wallet.currency).minor
        try:
            proposal = propose_adjustment(
                wallet=wallet,
                amount_minor=minor if form.cleaned_data["way"] == GIVE else -minor,
                maker=signed_in_user(request),
                reason=form.cleaned_data["reason"],
            )
            return redirect("admin:approvals:show", public_id=proposal.public_id)
        except Refusal as refusal:
            add_refusal(form, refusal)
    context = {
        **admin.site.each_context(request),
        "form": form,
        "title": _("Propose an adjustment"),
    }
    status = 422 if form.errors else 200
    return render(request, "payments/adjustments/admin/new.html", context, status=status)
