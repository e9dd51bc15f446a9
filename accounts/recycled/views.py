"""Pages for the one who holds a number now, and for the one who had it before."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_safe

from accounts.phone.askers import asker_of
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.recycled import services
from accounts.recycled.forms import FormerForm, NumberForm
from accounts.recycled.models import NumberWalk
from accounts.recycled.selectors import find_claim_on, find_number_walk
from accounts.recycled.states import ClaimState
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import is_proved_here, renew_session, signed_in_user
from accounts.security.step_up import step_up_required
from accounts.security.throttle import TooManyRequests
from accounts.signin.services import begin_second_step, needs_second_step, sign_in
from accounts.signin.views import PENDING_FIELD

WALK_FIELD = "number_walk"
_NEXT = "/security/phone/"


@login_not_required
@never_cache
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The number; every one gets the same answer."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            walk = services.start_walk(
                phone=form.cleaned_data["phone"],
                session_key=session_key_of(request),
                address=client_address(request),
                asker=asker_of(request, form.cleaned_data["phone"]),
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            request.session[WALK_FIELD] = str(walk.public_id)
            return redirect("recycled:code")
    return _page(request, "start", form, wait_days=settings.NUMBER_CLAIMS["wait_days"])


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code that was sent to the phone."""
    walk = _walk(request)
    if walk is None:
        return _start_again(request)
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.prove_holder(
                walk=walk, code=form.cleaned_data["code"], session_key=session_key_of(request)
            )
            renew_session(request, walk=walk.public_id)
            return redirect("recycled:state")
        except Refusal as refusal:
            add_refusal(form, refusal)
    challenge = find_challenge(walk.challenge_id, session_key_of(request))
    if challenge is None:
        return _start_again(request)
    facts = {"challenge": challenge, "status": code_status(challenge), "phone": walk.phone}
    return _page(request, "code", form, **facts)


@login_not_required
@never_cache
@require_safe
def state(request: HttpRequest) -> HttpResponse:
    """Whether the number is free, or from when on."""
    walk = _walk(request)
    if walk is None or walk.proved_at is None or not is_proved_here(request, walk.public_id):
        return _start_again(request)
    how, claim = services.claim_of(walk)
    context = {
        "phone": walk.phone,
        "claim": claim,
        "is_free": how is None,
        "is_objected": how == ClaimState.OBJECTED,
    }
    return render(request, "accounts/recycled/state.html", context)


@never_cache
@step_up_required
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """Somebody else holds my number: is it still mine, or do I have another one?"""
    me = signed_in_user(request)
    if request.method == "POST":
        try:
            services.keep_number(user=me, address=client_address(request))
        except Refusal as refusal:
            messages.warning(request, refusal.message)
        else:
            messages.success(request, _("Your number stays yours."))
        return redirect("security:centre")
    claim = find_claim_on(me)
    if claim is None:
        return redirect("security:centre")
    return render(request, "accounts/recycled/mine.html", {"claim": claim})


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def former(request: HttpRequest) -> HttpResponse:
    """Sign in with the number that was mine, and give myself another one."""
    form = FormerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            user = services.check_former_holder(
                request=request,
                phone=form.cleaned_data["phone"],
                password=form.cleaned_data["password"],
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            if needs_second_step(user):
                pending = begin_second_step(user=user, next_path=_NEXT)
                renew_session(request)
                request.session[PENDING_FIELD] = str(pending.public_id)
                return redirect("signin:verify")
            sign_in(request=request, user=user)
            return redirect(_NEXT)
    return _page(request, "former", form)


def _walk(request: HttpRequest) -> NumberWalk | None:
    return find_number_walk(request.session.get(WALK_FIELD))


def _page(request: HttpRequest, name: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    facts = {"form": form, **context}
    return render(request, f"accounts/recycled/{name}.html", facts, status=status)


def _start_again(request: HttpRequest) -> HttpResponse:
    if request.session.pop(WALK_FIELD, None):
        messages.warning(request, _("That took too long. Please start again."))
    return redirect("recycled:start")
