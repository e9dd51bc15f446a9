"""Two-step sign-in: on, off, recovery codes; and the step-up page."""

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

from accounts.factors import services
from accounts.factors.decorators import step_up_required
from accounts.factors.drawing import qr_path
from accounts.factors.forms import AppCodeForm, ProofForm
from accounts.factors.proof import give_fresh_proof
from accounts.factors.selectors import (
    count_recovery_codes_left,
    find_unconfirmed,
    get_authenticator,
)
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.redirects import next_or_home, safe_next
from accounts.security.services import end_sessions, record_event
from accounts.security.sessions import current_session, signed_in_user


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def step_up(request: HttpRequest) -> HttpResponse:
    """Prove again who is at the browser; good for five minutes."""
    user, next_path = signed_in_user(request), safe_next(request)
    wants_code = get_authenticator(user) is not None
    form = ProofForm(request.POST or None, wants_code=wants_code)
    if request.method == "POST" and form.is_valid():
        address = client_address(request)
        try:
            services.prove_with_password(
                user=user, password=form.cleaned_data["password"], address=address
            )
            if wants_code:
                services.verify_second_factor(
                    user=user, code=form.cleaned_data["code"], address=address
                )
            give_fresh_proof(request)
            record_event(user=user, kind="step_up.ok", address=address)
            return redirect(next_or_home(next_path))
        except Refusal as refusal:
            add_refusal(form, refusal)
    status = 422 if request.method == "POST" else 200
    context = {"form": form, "next": next_path}
    return render(request, "accounts/factors/step_up.html", context, status=status)


@never_cache
@require_safe
@step_up_required
def two_factor(request: HttpRequest) -> HttpResponse:
    """Whether two-step sign-in is on, and what can be done about it."""
    user = signed_in_user(request)
    context = {
        "authenticator": get_authenticator(user),
        "codes_left": count_recovery_codes_left(user),
    }
    return render(request, "accounts/factors/two_factor.html", context)


@never_cache
@require_POST
@step_up_required
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
        try:
            codes = services.confirm_enrolment(
                user=user,
                code=form.cleaned_data["code"],
                address=client_address(request),
                session=current_session(request),
            )
            django_otp.login(request, get_authenticator(user))
            request.session.cycle_key()
            end_sessions(user=user, why="factor_changed", keep=current_session(request))
            context = {"codes": codes, "is_first": True}
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
@step_up_required
def switch_off(request: HttpRequest) -> HttpResponse:
    """Two-step sign-in off; not for staff."""
    user = signed_in_user(request)
    if user.is_staff:
        raise PermissionDenied
    services.switch_off(
        user=user, address=client_address(request), session=current_session(request)
    )
    end_sessions(user=user, why="factor_changed", keep=current_session(request))
    messages.success(request, _("Two-step sign-in is off. Your other devices are signed out."))
    return redirect("factors:two_factor")


@never_cache
@require_POST
@step_up_required
def recovery_codes(request: HttpRequest) -> HttpResponse:
    """Ten new codes, shown in this answer only."""
    user = signed_in_user(request)
    if get_authenticator(user) is None:
        return redirect("factors:two_factor")
    codes = services.renew_recovery_codes(user=user, address=client_address(request))
    return render(request, "accounts/factors/recovery_codes.html", {"codes": codes})
