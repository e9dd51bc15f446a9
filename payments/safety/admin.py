"""Freezes in the admin: everybody's are read; the bank's are begun here, and lifted by two."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import URLPattern, path
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.approvals.services import propose
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.reasons import ReasonField
from accounts.security.sessions import signed_in_user
from accounts.security.step_up import step_up_required
from payments.safety.proposals import LIFT
from payments.wallets.fields import OpenWalletField
from payments.wallets.looking import WalletRecordAdmin
from payments.wallets.models import Freeze
from payments.wallets.services import freeze_wallet

MAY = "accounts.propose_money"


class BankFreezeForm(forms.Form):
    """Which wallet, and why."""

    number = OpenWalletField()
    reason = ReasonField(
        label=gettext_lazy("Reason"),
        min_length=5,
        max_length=200,
        help_text=gettext_lazy(
            "In a few words. The customer can read this in the security centre."
        ),
    )


class LiftReasonForm(forms.Form):
    """Why it should be lifted."""

    reason = ReasonField(label=gettext_lazy("Reason"), min_length=5, max_length=200)


@admin.register(Freeze)
class FreezeAdmin(WalletRecordAdmin):
    """Who stopped money from leaving which wallet, since when, until when."""

    list_display = ("began_at", "wallet", "side", "how", "reason", "lifted_at")
    list_filter = ("side", "how")
    search_fields = ("=wallet__number",)
    list_select_related = ("wallet",)
    change_list_template = "payments/safety/admin/freezes.html"

    def get_urls(self) -> list[URLPattern]:
        """The two forms stand before the rows."""
        wrap = self.admin_site.admin_view
        return [
            path("begin/", wrap(self.begin), name="payments_freeze_begin"),
            path("lift/<uuid:wallet>/", wrap(self.propose_lift), name="payments_freeze_lift"),
            *super().get_urls(),
        ]

    def changelist_view(self, request: HttpRequest, extra_context: Any = None) -> HttpResponse:
        """With the open freezes of the bank, for whoever may propose to lift them."""
        may = request.user.has_perm(MAY)
        open_ones = Freeze.objects.filter(side=Freeze.Side.BANK, lifted_at=None)
        context = {
            "may_freeze": may,
            "open_freezes": open_ones.select_related("wallet")[:50] if may else [],
        }
        return super().changelist_view(request, {**context, **(extra_context or {})})

    def begin(self, request: HttpRequest) -> HttpResponse:
        """Freeze a wallet for the bank, with fresh proof and a reason."""
        _require_right(request)
        return step_up_required(self._begin)(request)

    def propose_lift(self, request: HttpRequest, wallet: UUID) -> HttpResponse:
        """Propose that the bank's freeze ends; a second person decides."""
        _require_right(request)
        freeze = (
            Freeze.objects.select_related("wallet__owner")
            .filter(wallet__public_id=wallet, side=Freeze.Side.BANK, lifted_at=None)
            .first()
        )
        if freeze is None:
            raise Http404
        frozen = freeze.wallet
        form = LiftReasonForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            try:
                proposal = propose(
                    kind=LIFT,
                    subject=frozen.owner,
                    maker=signed_in_user(request),
                    reason=form.cleaned_data["reason"],
                    facts={"wallet": str(frozen.public_id), "freeze": freeze.pk},
                )
                return redirect("admin:approvals:show", public_id=proposal.public_id)
            except Refusal as refusal:
                add_refusal(form, refusal)
        return self._form(
            request, form, _("Propose to lift the freeze of %(wallet)s") % {"wallet": frozen}
        )

    def _begin(self, request: HttpRequest) -> HttpResponse:
        form = BankFreezeForm(request.POST or None)
        if request.method == "POST" and form.is_valid():
            freeze_wallet(
                wallet=form.cleaned_data["number"],
                by=signed_in_user(request),
                reason=form.cleaned_data["reason"],
            )
            messages.success(request, _("The wallet is frozen by the bank."))
            return redirect("admin:payments_freeze_changelist")
        return self._form(request, form, _("Freeze a wallet for the bank"))

    def _form(self, request: HttpRequest, form: forms.Form, title: str) -> HttpResponse:
        context = {**self.admin_site.each_context(request), "form": form, "title": title}
        status = 422 if form.errors else 200
        return render(request, "payments/safety/admin/form.html", context, status=status)


def _require_right(request: HttpRequest) -> None:
    if not request.user.has_perm(MAY):
        raise PermissionDenied
