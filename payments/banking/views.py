"""The pages of cards, top-ups and withdrawals."""

from __future__ import annotations

import uuid
from collections.abc import Callable, Sequence
from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.identity.selectors import assurance_level
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import current_session, renew_session
from accounts.security.step_up import ask_fresh_proof, count_change, has_fresh_proof
from accounts.users.models import User
from payments.banking import selectors, services
from payments.banking.forms import CardAmountForm, CardForm, TopUpForm, WithdrawForm
from payments.banking.models import CardDraft, LinkedCard
from payments.processing.errors import FormUsedBefore
from payments.processing.models import Payment
from payments.wallets.services import open_wallet


def _me(request: HttpRequest) -> User:
    """The person signed in; LoginRequiredMiddleware lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


@require_safe
def cards(request: HttpRequest) -> HttpResponse:
    """The person's linked cards."""
    me = _me(request)
    context = {
        "cards": selectors.list_cards(me),
        "may_link": assurance_level(me) != "phone",
    }
    return render(request, "payments/banking/cards.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def add_card(request: HttpRequest) -> HttpResponse:
    """Number and holder; a code goes to the phone."""
    me = _me(request)
    form = CardForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                draft = services.start_card_link(
                    user=me,
                    number=form.cleaned_data["number"],
                    holder_name=form.cleaned_data["holder_name"],
                    session_key=session_key_of(request),
                    address=client_address(request),
                )
                return redirect("banking:confirm_card", public_id=draft.public_id)
            except Refusal as refusal:
                if hasattr(refusal, "retry_after_seconds"):
                    raise
                add_refusal(form, refusal)
    context = {"form": form, "may_link": assurance_level(me) != "phone"}
    return render(request, "payments/banking/card_add.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def confirm_card(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The code from the phone; then the card is linked."""
    draft = selectors.get_draft_for(_me(request), public_id)
    if not draft.is_open:
        return redirect("banking:cards")
    form = CodeForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            try:
                card = services.finish_card_link(
                    draft=draft,
                    code=form.cleaned_data["code"],
                    session_key=session_key_of(request),
                    address=client_address(request),
                    session=current_session(request),
                )
                renew_session(request)
                said = _("%(card)s is linked. You can top up from it now.")
                messages.success(request, said % {"card": card.label})
                return redirect("banking:cards")
            except Refusal as refusal:
                add_refusal(form, refusal)
    return _code_page(request, draft, form, status)


def _code_page(
    request: HttpRequest, draft: CardDraft, form: forms.Form, status: int
) -> HttpResponse:
    challenge = find_challenge(draft.challenge_id, session_key_of(request))
    if challenge is None:
        # Asked for in another browser: its code works there only.
        return redirect("banking:add_card")
    context: dict[str, Any] = {
        "form": form,
        "draft": draft,
        "challenge": challenge,
        "status": code_status(challenge),
    }
    return render(request, "payments/banking/card_code.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def remove(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """Ask, then unlink a card; after fresh proof."""
    card = selectors.get_card_for(_me(request), public_id)
    if not has_fresh_proof(request):
        return ask_fresh_proof(request)
    refusal_text = ""
    if request.method == "POST":
        count_change(request)
        try:
            services.remove_card(
                card=card, address=client_address(request), session=current_session(request)
            )
            said = _("%(card)s is no longer linked.")
            messages.success(request, said % {"card": card.label})
            return redirect("banking:cards")
        except Refusal as refusal:
            refusal_text = refusal.message
    context = {"card": card, "refusal": refusal_text, "has_errors": bool(refusal_text)}
    return render(
        request,
        "payments/banking/card_remove.html",
        context,
        status=422 if refusal_text else 200,
    )


@require_http_methods(["GET", "HEAD", "POST"])
def top_up(request: HttpRequest) -> HttpResponse:
    """From which card and how much; goes on to the check page."""
    me = _me(request)
    wallet = open_wallet(user=me)
    linked = list(selectors.list_cards(me))
    if not linked:
        may_link = assurance_level(me) != "phone"
        return render(request, "payments/banking/top_up_no_card.html", {"may_link": may_link})
    form = TopUpForm(request.POST or None, cards=linked, initial=_last_card(linked))
    status = 200
    if request.method == "POST":
        payment = _prepare(form, services.prepare_top_up, me)
        if payment is not None:
            return redirect("processing:check", public_id=payment.public_id)
        status = 422
    context = {"form": form, "forecast": selectors.top_up_forecast(wallet)}
    return render(request, "payments/banking/top_up.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest) -> HttpResponse:
    """To which card and how much; goes on to the check page. "All of it" fills the amount in."""
    me = _me(request)
    wallet = open_wallet(user=me)
    linked = list(selectors.list_cards(me))
    if not linked:
        may_link = assurance_level(me) != "phone"
        return render(request, "payments/banking/withdraw_no_card.html", {"may_link": may_link})
    forecast = selectors.withdraw_forecast(wallet)
    form = WithdrawForm(request.POST or None, cards=linked, initial=_last_card(linked))
    status = 200
    if request.method == "POST" and "all" in request.POST:
        form.fill_amount(forecast.most_minor)
    elif request.method == "POST":
        payment = _prepare(form, services.prepare_withdrawal, me)
        if payment is not None:
            return redirect("processing:check", public_id=payment.public_id)
        status = 422
    context = {"form": form, "forecast": forecast, "wallet": wallet}
    return render(request, "payments/banking/withdraw.html", context, status=status)


def _last_card(linked: Sequence[LinkedCard]) -> dict[str, str]:
    """What the form begins with: the card linked last."""
    return {"card": str(linked[-1].public_id)}


def _prepare(form: CardAmountForm, prepare: Callable[..., Payment], me: User) -> Payment | None:
    """Write the payment down, or put beside the field why not."""
    if form.is_valid():
        try:
            return prepare(
                user=me,
                card_public_id=form.cleaned_data["card"],
                amount_minor=form.cleaned_data["amount"].minor,
                compose_key=form.cleaned_data["compose_key"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
            if isinstance(refusal, FormUsedBefore):
                form.renew_key()
    if "compose_key" in form.errors:
        form.renew_key()
    return None
