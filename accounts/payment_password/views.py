"""Changing and resetting the payment password; the first one is set like a forgotten one."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
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
    FactorCodeForm,
    NewPaymentPasswordForm,
    ResetProofForm,
)
from accounts.payment_password.models import PaymentPasswordReset
from accounts.payment_password.second_factor import (
    ask_for_passkey,
    code_field,
    needs_second_factor,
    take_passkey,
)
from accounts.payment_password.selectors import find_reset, payment_password_state
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import current_session, renew_session, signed_in_user
from accounts.security.step_up import step_up_required

_DONE = "security:centre"


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def change(request: HttpRequest) -> HttpResponse:
    """Change it with the old one, after fresh proof. Who has none yet proves who they are first."""
    if not payment_password_state(signed_in_user(request)).is_set:
        return redirect("payment_password:reset")
    return _change(request)


@step_up_required
def _change(request: HttpRequest) -> HttpResponse:
    me = signed_in_user(request)
    state = payment_password_state(me)
    form = ChangePaymentPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_payment_password(
                user=me,
                old=form.cleaned_data["old"],
                new=form.cleaned_data["payment_password"],
                session=current_session(request),
            )
            renew_session(request)
            messages.success(request, _("Your payment password is set."))
            return redirect(_DONE)
        except (PaymentPasswordWrong, PaymentPasswordLocked) as refusal:
            form.add_error("old", forms.ValidationError(refusal.message, code=refusal.code))
        except Refusal as refusal:
            add_refusal(form, refusal)
        state = payment_password_state(me)
    return _page(request, "change", {"form": form, "state": state, "caution": settings.CAUTION})


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset(request: HttpRequest) -> HttpResponse:
    """Step 1: login password and ID digits."""
    me = signed_in_user(request)
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
            renew_session(request)
            if walks.lacks_factor(walk):
                return redirect("payment_password:reset_factor")
            walks.send_reset_code(reset=walk, session_key=session_key, address=address)
            return redirect("payment_password:reset_code")
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _page(request, "reset", _steps(request, form, 1))


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset_factor(request: HttpRequest) -> HttpResponse:
    """Step 2 where a second factor is on: its code; only then anything goes to the phone."""
    walk = _walk(request)
    if walk is None or not needs_second_factor(walk.user):
        return redirect("payment_password:reset")
    bound_to, field = str(walk.public_id), code_field(walk.user)
    form = FactorCodeForm(field=field)
    if request.method == "POST":
        session_key, address = session_key_of(request), client_address(request)
        try:
            if walks.lacks_factor(walk):
                if take_passkey(request, walk.user, bound_to):
                    walks.note_factor(reset=walk)
                    renew_session(request)
                elif (form := FactorCodeForm(request.POST, field=field)).is_valid():
                    code = form.cleaned_data["code"]
                    walks.prove_factor(reset=walk, code=code, address=address)
                    renew_session(request)
            if not walks.lacks_factor(walk):
                walks.send_reset_code(reset=walk, session_key=session_key, address=address)
                return redirect("payment_password:reset_code")
        except Refusal as refusal:
            add_refusal(form, refusal)
    context = _steps(request, form, 2)
    context["ask"] = ask_for_passkey(request, walk.user, bound_to)
    return _page(request, "reset_factor", context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset_code(request: HttpRequest) -> HttpResponse:
    """The step before the last: the code."""
    walk = _walk(request)
    if walk is None or walk.challenge_id is None or walks.lacks_factor(walk):
        return redirect("payment_password:reset")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            walks.prove_phone(
                reset=walk,
                code=form.cleaned_data["code"],
                session_key=session_key_of(request),
            )
            renew_session(request)
            return redirect("payment_password:reset_new")
        except Refusal as refusal:
            add_refusal(form, refusal)
    challenge = find_challenge(walk.challenge_id, session_key_of(request))
    if challenge is None:
        return redirect("payment_password:reset")
    context = {"challenge": challenge, "status": code_status(challenge)}
    return _page(request, "reset_code", context | _steps(request, form, -1))


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def reset_new(request: HttpRequest) -> HttpResponse:
    """The last step: the new one, twice."""
    walk = _walk(request)
    if walk is None or walk.phone_proved_at is None or walks.lacks_factor(walk):
        return redirect("payment_password:reset")
    form = NewPaymentPasswordForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            walks.finish_reset(
                reset=walk,
                new=form.cleaned_data["payment_password"],
                session=current_session(request),
            )
            messages.success(request, _("Your payment password is set. You can pay again."))
            return redirect(_DONE)
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _page(request, "reset_new", {"caution": settings.CAUTION} | _steps(request, form, 0))


def _steps(request: HttpRequest, form: forms.Form, step: int) -> dict[str, Any]:
    """The form and where the walk is; `step` below 1 counts from the last."""
    me = signed_in_user(request)
    total = 4 if needs_second_factor(me) else 3
    return {
        "form": form,
        "step": step if step > 0 else total + step,
        "total": total,
        "is_first": not payment_password_state(me).is_set,
    }


def _walk(request: HttpRequest) -> PaymentPasswordReset | None:
    return find_reset(signed_in_user(request), session_key_of(request))


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    return render(request, f"accounts/payment_password/{name}.html", context, status=status)
