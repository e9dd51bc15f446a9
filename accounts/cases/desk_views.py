"""Cases at the support desk: the queue, one case, and what an agent does with it.

An agent sees who waits since when about what; the texts only after taking the case, which is
written down and shown to the customer. Nobody sees a whole phone number here.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.cases import services
from accounts.cases.forms import QueueForm, StaffStepForm
from accounts.cases.models import Case
from accounts.cases.selectors import (
    filter_queue,
    find_delivery,
    get_case_for_staff,
    list_messages,
    list_notes,
    list_others_of_number,
    usual_wait_seconds,
)
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import signed_in_user

WORK = "accounts.work_cases"
_PER_PAGE = 50

Args = ParamSpec("Args")
View = Callable[Concatenate[HttpRequest, Args], HttpResponse]


def cases_only(view: View[Args]) -> View[Args]:
    """Through the admin's own door, and only with the right to work on cases."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if not admin.site.has_permission(request):
            return admin.site.login(request)
        if not request.user.has_perm(WORK):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@cases_only
@never_cache
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """Who waits for us; the longest wait on top."""
    form = QueueForm(request.GET or None)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = filter_queue(agent=signed_in_user(request), **chosen)
    page = Paginator(found, _PER_PAGE).get_page(request.GET.get("page"))
    query = request.GET.copy()
    query.pop("page", None)
    context = {
        "form": form,
        "page": page,
        "query": query.urlencode(),
        "usual_wait": usual_wait_seconds(),
        "title": _("Support cases"),
    }
    return _page(request, "queue", context)


@cases_only
@never_cache
@require_safe
def case(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One case; the texts for who has taken it."""
    return _case_page(request, get_case_for_staff(public_id), StaffStepForm())


@cases_only
@sensitive_post_parameters("body")
@require_POST
def step(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What the pressed button says."""
    found, by = get_case_for_staff(public_id), signed_in_user(request)
    form = StaffStepForm(request.POST)
    if form.is_valid():
        body = form.cleaned_data["body"]
        acts: dict[str, Callable[[], Any]] = {
            form.TAKE: lambda: services.assign(case=found, to=by),
            form.ANSWER: lambda: services.reply_as_staff(case=found, by=by, body=body),
            form.NOTE: lambda: services.note_on_case(case=found, by=by, text=body),
            form.CLOSE: lambda: services.close_case(case=found, by=by),
            form.REOPEN: lambda: services.reopen(case=found, by=by),
        }
        try:
            acts[form.cleaned_data["step"]]()
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Written down."))
            return redirect("admin:desk:case", public_id=found.public_id)
    return _case_page(request, found, form)


def _case_page(request: HttpRequest, found: Case, form: forms.Form) -> HttpResponse:
    is_mine = found.assigned_to_id == request.user.pk
    delivery = find_delivery(found) if is_mine else None
    context = {
        "case": found,
        "form": form,
        "is_mine": is_mine,
        "thread": list_messages(found) if is_mine else [],
        "notes": list_notes(found) if is_mine else [],
        "others": list_others_of_number(found),
        "changes": found.changes.select_related("by"),
        "may_open": is_mine and bool(found.phone) and delivery is None,
        "delivery": delivery,
        "title": found.number,
    }
    return _page(request, "case", context, status=422 if form.errors else 200)


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    everything = {**admin.site.each_context(request), **context}
    return render(request, f"accounts/cases/desk/{name}.html", everything, status=status)
