"""The pages of "I forgot my login password": one step per page, none can be skipped."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.phone.askers import asker_of
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security.addresses import client_address
from accounts.security.devices import welcome_device
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import device_label, is_proved_here, renew_session
from accounts.security.throttle import TooManyRequests
from accounts.signin import recovery as walks
from accounts.signin.forms import NewPasswordForm, RecoverPhoneForm, RecoveryPersonForm
from accounts.signin.models import LoginRecovery
from accounts.signin.selectors import find_recovery
from accounts.signin.services import leave_browser

RECOVERY_FIELD = "login_recovery"


@login_not_required
@never_cache
@require_http_methods(["GET", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Which number; the answer is the same whether it has a wallet or not."""
    form = RecoverPhoneForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            recovery = walks.start_recovery(
                phone=form.cleaned_data["phone"],
                session_key=session_key_of(request),
                address=client_address(request),
                asker=asker_of(request, form.cleaned_data["phone"]),
            )
            request.session[RECOVERY_FIELD] = str(recovery.public_id)
            return redirect("signin:recover_code")
        except Refusal as refusal:
            if hasattr(refusal, "retry_after_seconds"):
                raise
            add_refusal(form, refusal)
    return _page(request, "recover", {"form": form})


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code that was sent to the phone."""
    recovery = _open_walk(request)
    if recovery is None or recovery.challenge_id is None:
        return _start_again(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            walks.prove_phone(
                recovery=recovery,
                code=form.cleaned_data["code"],
                session_key=session_key_of(request),
            )
            renew_session(request, walk=recovery.public_id)
            return redirect("signin:recover_identity")
        except Refusal as refusal:
            add_refusal(form, refusal)
    challenge = find_challenge(recovery.challenge_id, session_key_of(request))
    if challenge is None:
        return _start_again(request)
    context = {
        "form": form,
        "challenge": challenge,
        "status": code_status(challenge),
        "phone": recovery.phone,
    }
    return _page(request, "recover_code", context)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def identity(request: HttpRequest) -> HttpResponse:
    """What the phone alone does not give: ID digits, or the payment password, or both."""
    recovery = _proved_walk(request)
    if recovery is None or recovery.user is None:
        return _start_again(request)
    if recovery.identity_proved_at is not None:
        return redirect("signin:recover_password")
    form = RecoveryPersonForm(
        request.POST or None,
        has_digits=walks.needs_identity(recovery.user),
        has_payment_password=walks.needs_payment_password(recovery.user),
    )
    if request.method == "POST" and form.is_valid():
        try:
            walks.prove_identity(
                recovery=recovery,
                digits=form.cleaned_data.get("digits", ""),
                payment_password=form.cleaned_data.get("payment_password", ""),
                address=client_address(request),
            )
            renew_session(request, walk=recovery.public_id)
            return redirect("signin:recover_password")
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _page(request, "recover_identity", {"form": form})


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def password(request: HttpRequest) -> HttpResponse:
    """The new login password; afterwards everybody, this browser too, signs in with it."""
    recovery = _proved_walk(request)
    if recovery is None or recovery.user is None or recovery.identity_proved_at is None:
        return _start_again(request)
    form = NewPasswordForm(request.POST or None, user=recovery.user)
    if request.method == "POST" and form.is_valid():
        try:
            walks.finish_recovery(
                recovery=recovery,
                new=form.cleaned_data["new"],
                address=client_address(request),
            )
            leave_browser(request=request)
            messages.success(
                request,
                _(
                    "Login password changed, and every device is signed out. "
                    "Sign in with the new one; your payment password is unchanged."
                ),
            )
            response = redirect("signin:sign_in")
            label = device_label(request.headers.get("User-Agent", ""))
            welcome_device(request=request, response=response, user=recovery.user, label=label)
            return response
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _page(request, "recover_password", {"form": form, "caution": settings.CAUTION})


def _page(request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, f"accounts/signin/{name}.html", context, status=status)


def _open_walk(request: HttpRequest) -> LoginRecovery | None:
    return find_recovery(request.session.get(RECOVERY_FIELD))


def _proved_walk(request: HttpRequest) -> LoginRecovery | None:
    """The walk, if its phone was proved, and in this browser."""
    recovery = _open_walk(request)
    if recovery is None or recovery.phone_proved_at is None:
        return None
    return recovery if is_proved_here(request, recovery.public_id) else None


def _start_again(request: HttpRequest) -> HttpResponse:
    if request.session.pop(RECOVERY_FIELD, None):
        messages.warning(request, _("That took too long. Please start again."))
    return redirect("signin:recover")
