"""Passkeys: add one, give it a name, take it away."""

from __future__ import annotations

from uuid import UUID

import django_otp
from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.factors.forms import PasskeyNameForm
from accounts.factors.models import Passkey
from accounts.factors.passkey_asking import ADD, FIELD, ask_to_add, need_place, occasion_of
from accounts.factors.passkeys import add_passkey, rename_passkey
from accounts.factors.removing import remove_passkey
from accounts.factors.selectors import find_passkey, list_passkeys
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.services import end_sessions
from accounts.security.sessions import (
    current_session,
    device_label,
    renew_session,
    signed_in_user,
)
from accounts.security.step_up import step_up_required


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
@step_up_required
def add(request: HttpRequest) -> HttpResponse:
    """Name a new passkey and have the browser make it; other devices are signed out."""
    user = signed_in_user(request)
    label = device_label(request.headers.get("User-Agent", ""))
    form = PasskeyNameForm(request.POST or None, initial={"name": label})
    if request.method == "POST" and form.is_valid():
        try:
            passkey, codes = add_passkey(
                user=user,
                answer=request.POST.get(FIELD, ""),
                name=form.cleaned_data["name"],
                place=need_place(request),
                occasion=occasion_of(request, ADD, person=user),
                session=current_session(request),
                address=client_address(request),
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return _added(request, passkey, codes)
    context = {"form": form, "ask": ask_to_add(request, user)}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/factors/passkey_add.html", context, status=status)


def _added(request: HttpRequest, passkey: Passkey, codes: list[str]) -> HttpResponse:
    django_otp.login(request, passkey)
    renew_session(request)
    end_sessions(user=passkey.user, why="factor_changed", keep=current_session(request))
    if codes:
        context = {"codes": codes, "is_first": True}
        return render(request, "accounts/factors/recovery_codes.html", context)
    messages.success(request, _("The passkey is added. Your other devices are signed out."))
    return redirect("factors:two_factor")


@never_cache
@require_http_methods(["GET", "POST"])
@step_up_required
def one(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One passkey: its name, since when, last used; and the way to remove it."""
    passkey = _own(request, public_id)
    form = PasskeyNameForm(request.POST or None, initial={"name": passkey.name})
    if request.method == "POST" and form.is_valid():
        rename_passkey(
            passkey=passkey, name=form.cleaned_data["name"], address=client_address(request)
        )
        messages.success(request, _("The new name is saved."))
        return redirect("factors:two_factor")
    context = {
        "form": form,
        "passkey": passkey,
        "is_only": len(list_passkeys(passkey.user)) == 1,
    }
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/factors/passkey.html", context, status=status)


@never_cache
@require_POST
@step_up_required(form_on="factors:passkey")
def remove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take it away; other devices are signed out. It can be put back for a day."""
    passkey = _own(request, public_id)
    try:
        remove_passkey(
            passkey=passkey, address=client_address(request), session=current_session(request)
        )
    except Refusal as refusal:
        messages.error(request, refusal.message)
        return redirect("factors:passkey", public_id=public_id)
    end_sessions(user=passkey.user, why="factor_changed", keep=current_session(request))
    messages.success(request, _("The passkey is removed. Your other devices are signed out."))
    return redirect("factors:two_factor")


def _own(request: HttpRequest, public_id: UUID) -> Passkey:
    passkey = find_passkey(signed_in_user(request), public_id)
    if passkey is None:
        raise Http404
    return passkey
