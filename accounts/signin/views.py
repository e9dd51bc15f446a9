"""The door: sign in, second step, locked, sign out."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.factors.passkey_asking import ask_to_prove, is_answered
from accounts.factors.selectors import get_authenticator
from accounts.factors.services import factor_state
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.redirects import next_or_home, safe_next
from accounts.security.sessions import renew_session, signed_in_user
from accounts.security.step_up import step_up_required
from accounts.security.tries import TriesState
from accounts.signin import lockout, services
from accounts.signin.errors import SignInClosed, SignInExpired, SignInLocked, SignInNeedsFactor
from accounts.signin.forms import ChangePasswordForm, SecondStepForm, SignInForm
from accounts.signin.middleware import WHY_FIELD
from accounts.signin.selectors import find_pending

PENDING_FIELD = "pending_sign_in"
LOCKED_FIELD = "locked_name"


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def sign_in(request: HttpRequest) -> HttpResponse:
    """Phone and login password; wrong ones answer 422, a lock 403, too many 429."""
    next_path = safe_next(request)
    if request.method == "GET":
        if request.user.is_authenticated:
            return redirect(next_or_home(next_path))
        return _door(request, SignInForm(), next_path, status=200)
    form = SignInForm(request.POST)
    if form.is_valid():
        try:
            return _try_password(request, form, next_path)
        except SignInLocked as locked:
            request.session[LOCKED_FIELD] = locked.key
            return _locked_page(request, locked.state)
        except SignInClosed as closed:
            return render(
                request, "accounts/signin/closed.html", {"former": closed.former}, status=403
            )
        except SignInNeedsFactor as refusal:
            return render(
                request, "accounts/signin/no_factor.html", {"refusal": refusal}, status=403
            )
        except Refusal as refusal:
            if hasattr(refusal, "retry_after_seconds"):
                raise
            add_refusal(form, refusal)
    return _door(request, form, next_path, status=422)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_POST
def passkey(request: HttpRequest) -> HttpResponse:
    """Sign in with a passkey alone. Whatever is wrong with it answers 422, too many 429."""
    next_path, form = safe_next(request), SignInForm()
    try:
        services.sign_in_with_passkey(request=request)
    except Refusal as refusal:
        if hasattr(refusal, "retry_after_seconds"):
            raise
        add_refusal(form, refusal)
        return _door(request, form, next_path, status=422)
    for field in (WHY_FIELD, LOCKED_FIELD, PENDING_FIELD):
        request.session.pop(field, None)
    return redirect(next_or_home(next_path))


def _door(request: HttpRequest, form: SignInForm, next_path: str, *, status: int) -> HttpResponse:
    context = {
        "form": form,
        "next": next_path,
        "why": request.session.get(WHY_FIELD) if status == 200 else None,
        "ask": ask_to_prove(request, services.SIGN_IN),
    }
    return render(request, "accounts/signin/sign_in.html", context, status=status)


def _try_password(request: HttpRequest, form: SignInForm, next_path: str) -> HttpResponse:
    user = services.check_login_password(
        request=request,
        typed_name=form.cleaned_data["phone"],
        password=form.cleaned_data["password"],
    )
    for field in (WHY_FIELD, LOCKED_FIELD):
        request.session.pop(field, None)
    if not services.needs_second_step(user):
        services.sign_in(request=request, user=user)
        return redirect(next_or_home(next_path))
    if services.lacks_factor(user):
        raise SignInNeedsFactor
    pending = services.begin_second_step(user=user, next_path=next_path)
    renew_session(request)
    request.session[PENDING_FIELD] = str(pending.public_id)
    return redirect("signin:verify")


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """The second step; without a pending sign-in there is nothing to verify."""
    pending = find_pending(request.session.get(PENDING_FIELD))
    if pending is None:
        if request.session.pop(PENDING_FIELD, None):
            messages.warning(request, str(SignInExpired().message))
        return redirect("signin:sign_in")
    is_answer = is_answered(request)
    has_app = get_authenticator(pending.user) is not None
    form = SecondStepForm(None if is_answer else request.POST or None, has_app=has_app)
    if not is_answer and (locked := factor_state(pending.user)).is_locked:
        return _locked_page(request, locked, "factor_locked")
    if request.method == "POST" and (is_answer or form.is_valid()):
        try:
            if is_answer:
                services.finish_with_passkey(request=request, pending=pending)
            else:
                services.finish_second_step(
                    request=request, pending=pending, code=form.cleaned_data["code"]
                )
            return redirect(next_or_home(pending.next_path))
        except Refusal as refusal:
            if not is_answer and (locked := factor_state(pending.user)).is_locked:
                return _locked_page(request, locked, "factor_locked")
            add_refusal(form, refusal)
    status = 422 if request.method == "POST" else 200
    context = {
        "form": form,
        "has_app": has_app,
        "ask": services.ask_for_second_step(request, pending),
    }
    return render(request, "accounts/signin/verify.html", context, status=status)


@login_not_required
@never_cache
@require_http_methods(["GET"])
def locked(request: HttpRequest) -> HttpResponse:
    """Why, until when, what now; goes back to the door by itself when the lock is over."""
    key = request.session.get(LOCKED_FIELD)
    state = lockout.lock_state_of(key) if key else TriesState()
    if not state.is_locked:
        return redirect("signin:sign_in")
    return _locked_page(request, state)


def _locked_page(request: HttpRequest, state: TriesState, name: str = "locked") -> HttpResponse:
    left = state.locked_until - timezone.now() if state.locked_until else timedelta(0)
    context = {"state": state, "seconds_left": max(1, int(left.total_seconds()))}
    return render(request, f"accounts/signin/{name}.html", context, status=403)


@login_not_required
@never_cache
@require_POST
def sign_out(request: HttpRequest) -> HttpResponse:
    """End this session."""
    services.sign_out(request=request)
    messages.success(request, _("You are signed out."))
    return redirect("signin:sign_in")


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@step_up_required
def change_login_password(request: HttpRequest) -> HttpResponse:
    """A new login password; other devices are signed out."""
    user = signed_in_user(request)
    form = ChangePasswordForm(request.POST or None, user=user)
    if request.method == "POST" and form.is_valid():
        try:
            services.change_login_password(
                request=request,
                user=user,
                old=form.cleaned_data["old"],
                new=form.cleaned_data["new"],
            )
            messages.success(
                request, _("Login password changed. Your other devices are signed out.")
            )
            return redirect("security:centre")
        except Refusal as refusal:
            add_refusal(form, refusal)
    status = 422 if request.method == "POST" else 200
    back = reverse("security:centre")
    context = {"form": form, "back": back, "caution": settings.CAUTION}
    return render(request, "accounts/signin/change_password.html", context, status=status)
