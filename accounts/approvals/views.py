"""The pages of maker and checker, below the admin site."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.approvals import services
from accounts.approvals.forms import DecideForm
from accounts.approvals.kinds import get_proposal_kind, list_proposal_kinds
from accounts.approvals.models import Proposal
from accounts.approvals.selectors import (
    get_proposal_for,
    list_proposals_for,
    list_waiting_for,
    may_decide,
    may_take_part,
)
from accounts.identity.selectors import masked_name
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import signed_in_user
from accounts.security.step_up import has_fresh_proof, step_up_required
from accounts.users.models import User

Args = ParamSpec("Args")
View = Callable[Concatenate[HttpRequest, Args], HttpResponse]
_PAST_SHOWN = 30


def takes_part(view: View[Args]) -> View[Args]:
    """Through the admin's own door, and only with a right to propose or to decide something."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if not admin.site.has_permission(request):
            return admin.site.login(request)
        if not may_take_part(signed_in_user(request)):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@takes_part
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What waits for me, and what was proposed and decided lately."""
    me = signed_in_user(request)
    waiting = list(list_waiting_for(me))
    known = {proposal.pk for proposal in waiting}
    rest = [each for each in list_proposals_for(me)[:_PAST_SHOWN] if each.pk not in known]
    context = {
        "title": _("Second person"),
        "waiting": [_line(proposal) for proposal in waiting],
        "forms": [
            kind for kind in list_proposal_kinds() if kind.form_url and me.has_perm(kind.may_make)
        ],
        "others": [_line(proposal) for proposal in rest],
    }
    return _page(request, "index", context)


@takes_part
@require_safe
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One proposal, in plain words."""
    me = signed_in_user(request)
    return _show(request, get_proposal_for(me, public_id))


@takes_part
@step_up_required
@require_http_methods(["GET", "HEAD", "POST"])
def decide(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Approve or reject, with fresh proof of who decides."""
    me = signed_in_user(request)
    proposal = get_proposal_for(me, public_id)
    if request.method != "POST":
        return _show(request, proposal)
    form = DecideForm(request.POST)
    if form.is_valid():
        try:
            _carry_out(form, proposal, me)
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Decided. Both names stand in the record."))
            return redirect("admin:approvals:index")
    proposal.refresh_from_db()
    return _show(request, proposal, form=form, status=422)


@takes_part
@require_POST
def withdraw(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take back what I proposed."""
    me = signed_in_user(request)
    proposal = get_proposal_for(me, public_id)
    try:
        services.withdraw(proposal_id=proposal.pk, by=me)
    except Refusal as refusal:
        messages.warning(request, str(refusal.message))
    else:
        messages.success(request, _("Withdrawn; nothing was done."))
    return redirect("admin:approvals:index")


def _carry_out(form: DecideForm, proposal: Proposal, me: User) -> None:
    digest = form.cleaned_data["digest"]
    if form.cleaned_data["decision"] == "approve":
        services.approve(proposal_id=proposal.pk, checker=me, digest=digest)
        return
    services.reject(
        proposal_id=proposal.pk, checker=me, digest=digest, reason=form.cleaned_data["reason"]
    )


def _line(proposal: Proposal) -> dict[str, Any]:
    return {
        "proposal": proposal,
        "title": get_proposal_kind(proposal.kind).title,
        "about": _about(proposal),
        "maker": _staff_name(proposal.maker),
        "checker": _staff_name(proposal.checker) if proposal.checker else "",
    }


def _about(proposal: Proposal) -> str:
    subject = proposal.subject
    return (masked_name(subject) or subject.get_short_name()) if subject else ""


def _staff_name(user: User) -> str:
    return masked_name(user) or user.get_short_name()


def _show(
    request: HttpRequest, proposal: Proposal, *, form: DecideForm | None = None, status: int = 200
) -> HttpResponse:
    me = signed_in_user(request)
    context = {
        **_line(proposal),
        "lines": get_proposal_kind(proposal.kind).describe(proposal),
        "decisions": [
            {"row": row, "by": _staff_name(row.by) if row.by else ""}
            for row in proposal.decisions.select_related("by")
        ],
        "form": form or DecideForm(initial={"digest": proposal.digest}),
        "may_decide": may_decide(me, proposal),
        # Asked for before anything is typed: what is typed before it is lost on the way.
        "has_proof": has_fresh_proof(request),
        "is_mine": proposal.maker_id == me.pk,
    }
    return _page(request, "proposal", context, status=status)


def _page(
    request: HttpRequest, name: str, context: dict[str, Any], *, status: int = 200
) -> HttpResponse:
    everything = {**admin.site.each_context(request), **context}
    return render(request, f"accounts/approvals/{name}.html", everything, status=status)
