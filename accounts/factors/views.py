"""Second factors: the page of all, the app, recovery codes; and the step-up page."""

from __future__ import annotations

import django_otp
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.factors import passkey_asking, services
from accounts.factors.drawing import qr_path
from accounts.factors.errors import LastFactor
from accounts.factors.forms import AppCodeForm, ProofForm
from accounts.factors.removing import remove_app
from accounts.factors.selectors import (
    count_recovery_codes_left,
    find_unconfirmed,
    get_authenticator,
    has_second_factor,
    list_passkeys,
)
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.redirects import next_or_home, safe_next
from accounts.security.services import end_sessions, record_event
from accounts.security.sessions import current_session, renew_session, signed_in_user
from accounts.security.step_up import give_fresh_proof, step_up_required

STEP_UP = "step_up"


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Prove again who is at the browser, with the password and the second factor or with a passkey
    alone; good for five minutes."""
    user, next_path = signed_in_user(request), safe_next(request)
    is_answer = passkey_asking.is_answered(request)
    form = ProofForm(
        None if is_answer else request.POST or None,
        wants_code=has_second_factor(user),
        has_app=get_authenticator(user) is not None,
    )
    if request.method == "POST" and (is_answer or form.is_valid()):
        address = client_address(request)
        try:
            if is_answer:
                passkey_asking.take_answer(request, STEP_UP, person=user)
            else:
                services.prove_anew(
                    user=user,
                    password=form.cleaned_data["password"],
                    code=form.cleaned_data.get("code"),
                    address=address,
                )
            give_fresh_proof(request)
            record_event(user=user, kind="step_up.ok", address=address)
            return redirect(next_or_home(next_path))
        except Refusal as refusal:
            add_refusal(form, refusal)
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "next": next_path,
        "ask": passkey_asking.ask_to_prove(request, STEP_UP, person=user),
    }
    return render(request, "accounts/factors/step_up.html", context, status=status)


@never_cache
@require_safe
@step_up_required
def two_factor(request: HttpRequest) -> HttpResponse:
    """Every second factor, the strongest first, and what can be done about each."""
    user = signed_in_user(request)
    passkeys = list_passkeys(user)
    context = {
        "authenticator": get_authenticator(user),
        "passkeys": passkeys,
        "may_remove_app": bool(passkeys) or not user.is_staff,
        "codes_left": count_recovery_codes_left(user),
    }
    return render(request, "accounts/factors/two_factor.html", context)


@never_cache
@require_POST
@step_up_required(form_on="factors:two_factor")
def begin(request: HttpRequest) -> HttpResponse:
    """Make a key to scan; it counts for nothing yet."""
    services.begin_enrolment(user=signed_in_user(request))
    return redirect("factors:confirm")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@step_up_required
def confirm(request: HttpRequest) -> HttpResponse:
    """Scan the key, type a code; the recovery codes come in the answer and never again."""
    user = signed_in_user(request)
    draft = find_unconfirmed(user)
    if draft is None:
        return redirect("factors:two_factor")
    form = AppCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        is_first = not has_second_factor(user)
        try:
            codes = services.confirm_enrolment(
                user=user,
                code=form.cleaned_data["code"],
                address=client_address(request),
                session=current_session(request),
            )
            django_otp.login(request, get_authenticator(user))
            renew_session(request)
            end_sessions(user=user, why="factor_changed", keep=current_session(request))
            context = {"codes": codes, "is_first": is_first}
            return render(request, "accounts/factors/recovery_codes.html", context)
        except Refusal as refusal:
            add_refusal(form, refusal)
    details = services.enrolment_details(draft)
    groups = [details.secret[at : at + 4] for at in range(0, len(details.secret), 4)]
    context = {"form": form, "qr": qr_path(details.uri), "secret": " ".join(groups)}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/factors/confirm.html", context, status=status)


@never_cache
@require_POST
@step_up_required(form_on="factors:two_factor")
def switch_off(request: HttpRequest) -> HttpResponse:
    """The app goes; without a passkey two-step sign-in is off. Staff keep one of the two."""
    user = signed_in_user(request)
    try:
        remove_app(user=user, address=client_address(request), session=current_session(request))
    except LastFactor:
        raise PermissionDenied from None
    end_sessions(user=user, why="factor_changed", keep=current_session(request))
    if has_second_factor(user):
        messages.success(request, _("The app is removed. Your other devices are signed out."))
    else:
        messages.success(request, _("Two-step sign-in is off. Your other devices are signed out."))
    return redirect("factors:two_factor")


@never_cache
@require_POST
@step_up_required(form_on="factors:two_factor")
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new codes, shown in this answer only."""
    user = signed_in_user(request)
    if not has_second_factor(user):
        return redirect("factors:two_factor")
    codes = services.renew_recovery_codes(
        user=user, session=current_session(request), address=client_address(request)
    )
    return render(request, "accounts/factors/recovery_codes.html", {"codes": codes})
