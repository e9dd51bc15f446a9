"""The page on which something is proposed: one form, the same for every kind."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django import forms
from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise

from accounts.approvals.models import Proposal
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import signed_in_user
from accounts.users.models import User


def propose_page(
    request: HttpRequest,
    *,
    may: str,
    form_class: type[forms.Form],
    propose: Callable[[User, dict[str, Any]], Proposal],
    title: str,
    lede: str | Promise,
) -> HttpResponse:
    """Show the form, or propose what it says, through the admin's own door; nothing else happens.

    `may` is the permission of makers; `propose` gets the maker and the form's cleaned data, and
    what it refuses stands beside its field. Answers 422 for a form that is not right.
    """
    if not admin.site.has_permission(request):
        return admin.site.login(request)
    if not request.user.has_perm(may):
        raise PermissionDenied
    form = form_class(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            proposal = propose(signed_in_user(request), form.cleaned_data)
            return redirect("admin:approvals:show", public_id=proposal.public_id)
        except Refusal as refusal:
            add_refusal(form, refusal)
    context = {**admin.site.each_context(request), "form": form, "title": title, "lede": lede}
    status = 422 if form.errors else 200
    return render(request, "accounts/approvals/propose.html", context, status=status)
