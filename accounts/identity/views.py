"""Adding name and ID number to a wallet opened with the phone alone."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render, resolve_url
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods

from accounts.identity.checking import check_person
from accounts.identity.forms import IdentityForm
from accounts.identity.selectors import find_identity
from accounts.identity.services import add_identity
from accounts.security import throttle
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import signed_in_user


@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
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
                check_person(
                    user=me,
                    name=form.cleaned_data["name"],
                    id_number=form.cleaned_data["id_number"],
                )
                add_identity(
                    user=me,
                    name=form.cleaned_data["name"],
                    id_number=form.cleaned_data["id_number"],
                )
                messages.success(request, _("Thank you. Your name and ID number are added."))
                return redirect(home)
            except Refusal as refusal:
                add_refusal(form, refusal)
    return render(request, "accounts/identity/add.html", {"form": form}, status=status)
