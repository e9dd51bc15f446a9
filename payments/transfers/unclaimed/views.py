"""Sending to a number without a wallet, and the page on which its owner accepts."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.throttle import TooManyRequests
from accounts.users.models import User
from ledger.money import Money
from payments.processing.errors import FormUsedBefore
from payments.processing.selectors import get_payment_for
from payments.transfers.unclaimed.forms import UnclaimedForm
from payments.transfers.unclaimed.kinds import hours_to_claim
from payments.transfers.unclaimed.selectors import list_claimable
from payments.transfers.unclaimed.services import (
    UNCLAIMED,
    claim_transfer,
    compose_unclaimed,
    decline_transfer,
)
from payments.wallets.amounts import amount_text
from payments.wallets.numbers import spaced_number
from payments.wallets.services import open_wallet


@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """Number, amount, note; then the check page. The transfer page posts here as well."""
    assert isinstance(request.user, User)
    me = request.user
    if request.method != "POST":
        return _compose_page(request, UnclaimedForm(initial=_initial(request, me)), status=200)
    form = UnclaimedForm(request.POST)
    if form.is_valid():
        try:
            payment = compose_unclaimed(
                user=me,
                payee_text=form.cleaned_data["payee"],
                amount_text=form.cleaned_data["amount"],
                note=form.cleaned_data["note"],
                compose_key=form.cleaned_data["compose_key"],
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
            if isinstance(refusal, FormUsedBefore):
                form.renew_key()
        else:
            return redirect("processing:check", public_id=payment.public_id)
    if "compose_key" in form.errors:
        form.renew_key()
    return _compose_page(request, form, status=422)


@require_safe
def claims(request: HttpRequest) -> HttpResponse:
    """What waits for the number of the person who is signed in."""
    return _claims_page(request, "", status=200)


@require_POST
def accept(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take the money into the wallet."""
    assert isinstance(request.user, User)
    try:
        payment = claim_transfer(user=request.user, public_id=public_id)
    except Refusal as refusal:
        return _claims_page(request, str(refusal.message), status=422)
    amount = amount_text(payment.amount_minor, payment.currency)
    said = gettext("%(amount)s from %(name)s is in your wallet.")
    messages.success(request, said % {"amount": amount, "name": payment.payer_label})
    return redirect("records:entry", public_id=public_id)


@require_POST
def decline(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Let the money go back to the payer."""
    assert isinstance(request.user, User)
    try:
        payment = decline_transfer(user=request.user, public_id=public_id)
    except Refusal as refusal:
        return _claims_page(request, str(refusal.message), status=422)
    amount = amount_text(payment.amount_minor, payment.currency)
    said = gettext("%(amount)s went back to %(name)s.")
    messages.success(request, said % {"amount": amount, "name": payment.payer_label})
    return redirect("unclaimed:claims")


def _claims_page(request: HttpRequest, refusal: str, *, status: int) -> HttpResponse:
    assert isinstance(request.user, User)
    open_wallet(user=request.user)
    context = {"waiting": list_claimable(request.user), "refusal": refusal}
    return render(request, "payments/transfers/unclaimed/claims.html", context, status=status)


def _compose_page(request: HttpRequest, form: UnclaimedForm, *, status: int) -> HttpResponse:
    context = {"form": form, "hours": hours_to_claim()}
    return render(request, "payments/transfers/unclaimed/compose.html", context, status=status)


def _initial(request: HttpRequest, me: User) -> dict[str, str]:
    """What an own earlier payment of this kind says, for `?change=`; 404 for anybody else's."""
    try:
        public_id = UUID(request.GET["change"])
    except (KeyError, ValueError):
        return {}
    payment = get_payment_for(me, public_id)
    if payment.kind != UNCLAIMED:
        return {}
    return {
        "payee": spaced_number(payment.payee_typed),
        "amount": str(Money(payment.amount_minor, payment.currency)),
        "note": payment.note,
    }
