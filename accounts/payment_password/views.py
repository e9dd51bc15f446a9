"""Setting, changing and resetting the payment password."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.payment_password import reset as walks
from accounts.payment_password import services
from accounts.payment_password.errors import PaymentPasswordLocked, PaymentPasswordWrong
from accounts.payment_password.forms import (
    ChangePaymentPasswordForm,
    NewPaymentPasswordForm,
    ResetProofForm,
)
from accounts.payment_password.models import PaymentPasswordReset
from accounts.payment_password.selectors import State, find_reset, payment_password_state
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import signed_in_user
from accounts.users.models import User

_DONE = "security:centre"


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Set the first one, or change it with the old one."""
    me = signed_in_user(request)
    state = payment_password_state(me)
    form_class = ChangePaymentPasswordForm if state.is_set else NewPaymentPasswordForm
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            _set_or_change(me, state, form)
            messages.success(request, _("Your payment password is set."))
            return redirect(_DONE)
        except (PaymentPasswordWrong, PaymentPasswordLocked) as refusal:
            form.add_error("old", forms.ValidationError(refusal.message, code=refusal.code))
        except Refusal as refusal:
            add_refusal(form, refusal)
        state = payment_password_state(me)
    return _page(request, "change", {"form": form, "state": state})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    """Step 1: login password and ID digits."""
    me = signed_in_user(request)
    if not payment_password_state(me).is_set:
        return redirect("payment_password:change")
    form = ResetProofForm(request.POST or None, has_identity=walks.needs_id_digits(me))
    if request.method == "POST" and form.is_valid():
        session_key, address = session_key_of(request), client_address(request)
        try:
            walk = walks.start_reset(
                user=me,
                login_password=form.cleaned_data["login_password"],
                id_digits=form.cleaned_data.get("id_digits", ""),
                session_key=session_key,
                address=address,
            )
            walks.send_reset_code(reset=walk, session_key=session_key, address=address)
            return redirect("payment_password:reset_code")
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _page(request, "reset", {"form": form})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset_code(request: HttpRequest) -> HttpResponse:
    """Step 2: the code."""
    walk = _walk(request)
    if walk is None or walk.challenge_id is None:
        return redirect("payment_password:reset")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            walks.prove_phone(
                reset=walk,
                code=form.cleaned_data["code"],
                session_key=session_key_of(request),
            )
            return redirect("payment_password:reset_new")
        except Refusal as refusal:
            add_refusal(form, refusal)
    challenge = find_challenge(walk.challenge_id, session_key_of(request))
    if challenge is None:
        return redirect("payment_password:reset")
    context = {"form": form, "challenge": challenge, "status": code_status(challenge)}
    return _page(request, "reset_code", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset_new(request: HttpRequest) -> HttpResponse:
    """Step 3: the new one, twice."""
    walk = _walk(request)
    if walk is None or walk.phone_proved_at is None:
        return redirect("payment_password:reset")
    form = NewPaymentPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            walks.finish_reset(reset=walk, new=form.cleaned_data["payment_password"])
            messages.success(request, _("Your payment password is set. You can pay again."))
            return redirect(_DONE)
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _page(request, "reset_new", {"form": form})


def _set_or_change(user: User, state: State, form: forms.Form) -> None:
    new = form.cleaned_data["payment_password"]
    if state.is_set:
        services.change_payment_password(user=user, old=form.cleaned_data["old"], new=new)
    else:
        services.set_payment_password(user=user, raw=new)


def _walk(request: HttpRequest) -> PaymentPasswordReset | None:
    return find_reset(signed_in_user(request), session_key_of(request))


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    return render(request, f"accounts/payment_password/{name}.html", context, status=status)
