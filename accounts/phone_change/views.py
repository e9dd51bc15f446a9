"""The pages of a change of phone: one step each, none can be skipped.

The first asks for fresh proof, and so does the last where what was given then is too old by now.
"""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.factors.selectors import has_settled_factor
from accounts.identity.selectors import find_identity
from accounts.payment_password.selectors import payment_password_state
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.phone_change import services
from accounts.phone_change.forms import WITH, NewPhoneForm, PersonForm
from accounts.phone_change.models import PhoneChange
from accounts.phone_change.selectors import find_waiting, find_walk
from accounts.phone_change.states import PhoneChangeState
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import current_session, renew_session, signed_in_user
from accounts.security.step_up import step_up_required, step_up_to_finish
from accounts.security.throttle import TooManyRequests


@never_cache
@step_up_required
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """The new number, and which way."""
    me = signed_in_user(request)
    form = NewPhoneForm(request.POST or None, has_phone=me.has_phone)
    if request.method == "POST" and form.is_valid():
        has_old = form.cleaned_data.get("old_phone") == WITH
        try:
            services.start_phone_change(
                user=me,
                phone=form.cleaned_data["phone"],
                has_old_phone=has_old,
                session_key=session_key_of(request),
                address=client_address(request),
            )
            return redirect("phone_change:old" if has_old else "phone_change:person")
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
    context = {"waiting": find_waiting(me), "waits": not has_settled_factor(me)}
    return _page(request, "start", form, **context)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def old(request: HttpRequest) -> HttpResponse:
    """The code to the old phone."""
    walk = _walk(request)
    if walk is None or walk.old_challenge_id is None:
        return redirect("phone_change:start")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.prove_old_phone(
                walk=walk,
                code=form.cleaned_data["code"],
                session_key=session_key_of(request),
                address=client_address(request),
            )
            renew_session(request)
            return redirect("phone_change:new")
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _code_page(request, form, walk.old_challenge_id, str(walk.user.phone), step=2)


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest) -> HttpResponse:
    """Without the old phone: payment password and ID digits."""
    walk = _walk(request)
    if walk is None or walk.has_old_phone:
        return redirect("phone_change:start")
    me = walk.user
    form = PersonForm(
        request.POST or None,
        has_identity=find_identity(me) is not None,
        has_payment_password=payment_password_state(me).is_set,
    )
    if request.method == "POST" and form.is_valid():
        try:
            services.prove_person(
                walk=walk,
                payment_password=form.cleaned_data.get("payment_password", ""),
                id_digits=form.cleaned_data.get("id_digits", ""),
                session_key=session_key_of(request),
                address=client_address(request),
            )
            renew_session(request)
            return redirect("phone_change:new")
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
    return _page(request, "person", form)


@never_cache
@step_up_to_finish
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """The code to the new phone; then it is done, or waits."""
    walk = _walk(request)
    if walk is None or walk.new_challenge_id is None:
        return redirect("phone_change:start")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            walk = services.prove_new_phone(
                walk=walk,
                code=form.cleaned_data["code"],
                session_key=session_key_of(request),
                address=client_address(request),
                session=current_session(request),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            renew_session(request)
            if walk.state == PhoneChangeState.DONE:
                messages.success(request, _("Your phone number is changed."))
                if payment_password_state(walk.user).is_outgrown:
                    return _to_another_password(request)
                return redirect("security:centre")
            return redirect("phone_change:start")
    assert walk.new_challenge_id is not None
    return _code_page(request, form, walk.new_challenge_id, walk.new_phone, step=3)


@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """The number stays as it is."""
    if services.stop_waiting(user=signed_in_user(request)):
        messages.success(request, _("Stopped: your number stays as it is."))
    return redirect("phone_change:start")


def _to_another_password(request: HttpRequest) -> HttpResponse:
    messages.warning(
        request,
        _(
            "Your payment password is the end of your new number now, which anybody would try. "
            "Please choose another one."
        ),
    )
    return redirect("payment_password:change")


def _walk(request: HttpRequest) -> PhoneChange | None:
    return find_walk(signed_in_user(request), session_key_of(request))


def _code_page(
    request: HttpRequest, form: CodeForm, challenge_id: Any, phone: str, *, step: int
) -> HttpResponse:
    challenge = find_challenge(challenge_id, session_key_of(request))
    if challenge is None:
        return redirect("phone_change:start")
    facts = {"challenge": challenge, "status": code_status(challenge), "phone": phone}
    return _page(request, "code", form, step=step, **facts)


def _page(request: HttpRequest, name: str, form: Any, **context: Any) -> HttpResponse:
    status = 422 if form.errors else 200
    facts = {"form": form, **context}
    return render(request, f"accounts/phone_change/{name}.html", facts, status=status)
