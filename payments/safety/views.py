"""Freezing and lifting, signed in; freezing with the code, by anybody who holds the paper."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.identity.selectors import find_identity
from accounts.payment_password.selectors import payment_password_state
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import current_session, renew_session, signed_in_user
from accounts.security.step_up import (
    count_change,
    has_fresh_proof,
    step_up_required,
    step_up_to_finish,
)
from accounts.security.throttle import TooManyRequests
from payments.safety import services
from payments.safety.forms import FreezeCodeForm, LiftForm
from payments.safety.selectors import (
    find_lift,
    freeze_code_made_at,
    is_by_owner,
    list_open_freezes,
    list_stoppable,
)
from payments.wallets.models import Freeze


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def mine(request: HttpRequest) -> HttpResponse:
    """What freezing does, and the button: no password, for it only ever protects."""
    me = signed_in_user(request)
    if request.method == "POST":
        services.freeze_person(
            user=me, how=Freeze.How.SIGNED_IN, by=me, reason="frozen by its owner"
        )
        count = services.stop_what_is_on_its_way(me)
        messages.success(request, _("Your wallet is frozen. No money leaves it."))
        if count:
            messages.info(request, _("Payments taken back: %(count)s.") % {"count": count})
        return redirect("safety:mine")
    freezes = list_open_freezes(me)
    context = {
        "freezes": freezes,
        "is_by_bank": any(row.side == Freeze.Side.BANK for row in freezes),
        "is_by_me": is_by_owner(freezes),
        "are_several": len({row.wallet_id for row in freezes}) > 1,
        "stoppable": list_stoppable(me),
        "code_made_at": freeze_code_made_at(me),
    }
    return render(request, "payments/safety/mine.html", context)


@never_cache
@step_up_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def lift(request: HttpRequest) -> HttpResponse:
    """Step 1, after fresh proof: payment password and ID digits."""
    me = signed_in_user(request)
    freezes = list_open_freezes(me)
    if not is_by_owner(freezes):
        return redirect("safety:mine")
    form = LiftForm(request.POST or None, has_identity=find_identity(me) is not None)
    if request.method == "POST" and form.is_valid():
        try:
            services.start_lift(
                user=me,
                payment_password=form.cleaned_data["payment_password"],
                id_digits=form.cleaned_data.get("id_digits", ""),
                session_key=session_key_of(request),
                address=client_address(request),
            )
            renew_session(request)
            return redirect("safety:lift_code")
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
    context = {
        "form": form,
        "tries": payment_password_state(me),
        "is_by_bank": any(row.side == Freeze.Side.BANK for row in freezes),
    }
    return _page(request, "lift", context)


@never_cache
@step_up_to_finish
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def lift_code(request: HttpRequest) -> HttpResponse:
    """Step 2: the code."""
    me = signed_in_user(request)
    walk = find_lift(me, session_key_of(request))
    if walk is None:
        return redirect("safety:lift" if is_by_owner(list_open_freezes(me)) else "safety:mine")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.finish_lift(
                walk=walk,
                code=form.cleaned_data["code"],
                session_key=session_key_of(request),
                session=current_session(request),
            )
            renew_session(request)
            said = _("The freeze is lifted: you can pay again.")
            if list_open_freezes(me):
                said = _("Your own freeze is lifted. The bank's still holds.")
            messages.success(request, said)
            return redirect("safety:mine")
        except Refusal as refusal:
            add_refusal(form, refusal)
    challenge = find_challenge(walk.challenge_id, session_key_of(request))
    if challenge is None:
        return redirect("safety:lift")
    context = {"form": form, "challenge": challenge, "status": code_status(challenge)}
    return _page(request, "lift_code", context)


@never_cache
@require_POST
def make_code(request: HttpRequest) -> HttpResponse:
    """A freeze code, shown in this answer alone. A newer one ends an older: that takes fresh
    proof; the first one only adds a way to stop, and needs none."""
    me = signed_in_user(request)
    if freeze_code_made_at(me) is not None and not has_fresh_proof(request):
        return redirect("safety:new_code")
    count_change(request)
    code = services.make_freeze_code(
        user=me, address=client_address(request), session=current_session(request)
    )
    return render(request, "payments/safety/code.html", {"code": code})


@never_cache
@step_up_required
@require_http_methods(["GET", "HEAD"])
def new_code(request: HttpRequest) -> HttpResponse:
    """After fresh proof: the button that makes a newer code."""
    context = {"code_made_at": freeze_code_made_at(signed_in_user(request))}
    return render(request, "payments/safety/new_code.html", context)


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def by_code(request: HttpRequest) -> HttpResponse:
    """The public page: whoever holds the paper stops the money, without signing in."""
    if request.method != "POST" and request.user.is_authenticated:
        return redirect("safety:mine")
    form = FreezeCodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.freeze_by_code(
                typed=form.cleaned_data["code"], address=client_address(request)
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("safety:frozen")
    return _page(request, "by_code", {"form": form})


@login_not_required
@never_cache
@require_http_methods(["GET", "HEAD"])
def frozen(request: HttpRequest) -> HttpResponse:
    """What holds now that a code has frozen a wallet; names nobody."""
    return render(request, "payments/safety/frozen.html")


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    return render(request, f"payments/safety/{name}.html", context, status=status)
