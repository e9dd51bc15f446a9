"""Adding name and ID number to a wallet opened with the phone alone.

From then on the end of the ID number is a proof of who somebody is, so it takes fresh proof, and
its owner is told: else whoever holds an unlocked phone would give the wallet a name of theirs, and
answer with it.
"""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.changes.services import note_change
from accounts.identity.checking import check_person
from accounts.identity.forms import IdentityForm
from accounts.identity.selectors import find_identity
from accounts.identity.services import add_identity
from accounts.payment_password.outgrown import request_look_again
from accounts.payment_password.selectors import payment_password_state
from accounts.security import throttle
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import current_session, signed_in_user
from accounts.security.step_up import step_up_required
from accounts.users.models import User
from accounts.users.services import lock_person


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
@step_up_required
def add(request: HttpRequest) -> HttpResponse:
    """Ask for name and ID number; who has given them goes home."""
    me = signed_in_user(request)
    home = resolve_url(settings.LOGIN_REDIRECT_URL)
    if find_identity(me) is not None:
        return redirect(home)
    form = IdentityForm(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            throttle.hit(action="identity.check", person=str(me.public_id))
            try:
                _add(request, name=form.cleaned_data["name"], number=form.cleaned_data["id_number"])
                messages.success(request, _("Thank you. Your name and ID number are added."))
                return redirect(_to_another_password(request) or home)
            except Refusal as refusal:
                add_refusal(form, refusal)
    return render(request, "accounts/identity/add.html", {"form": form}, status=status)


def _add(request: HttpRequest, *, name: str, number: str) -> None:
    me = signed_in_user(request)
    check_person(user=me, name=name, id_number=number)
    with transaction.atomic():
        lock_person(me.pk)
        # A birth date or the end of the number may be what they pay or sign in with.
        request_look_again(user=me)
        add_identity(user=me, name=name, id_number=number)
        note_change(
            user=me,
            kind="identity.added",
            session=current_session(request),
            address=client_address(request),
        )


def _to_another_password(request: HttpRequest) -> str:
    """Where to choose another password, if the new facts have made one guessable; says why."""
    me = User.objects.get(pk=signed_in_user(request).pk)
    if payment_password_state(me).is_outgrown:
        messages.warning(
            request,
            _(
                "Your payment password can be read in your ID number, where anybody would look. "
                "Please choose another one."
            ),
        )
        return reverse("payment_password:change")
    if me.is_password_outgrown:
        messages.warning(
            request,
            _(
                "Your login password can be read in your name or ID number, where anybody would "
                "look. Please choose another one."
            ),
        )
        return reverse("signin:change_password")
    return ""
