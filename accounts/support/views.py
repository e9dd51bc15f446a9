"""The support desk. Every page asks for the right to use it and a session with a second factor."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any, Concatenate, ParamSpec
from uuid import UUID

from django.conf import settings
from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.forms import Form
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.approvals.kinds import get_proposal_kind
from accounts.cases.figures import waiting_cases
from accounts.cases.models import Case
from accounts.cases.selectors import find_case_taken_by
from accounts.guiding.selectors import find_live_view_of
from accounts.phone.binding import session_key_of
from accounts.security import throttle
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import signed_in_user
from accounts.security.step_up import step_up_required
from accounts.support import services
from accounts.support.forms import (
    AnswerForm,
    CodeForm,
    DigitsForm,
    HandOverForm,
    OpenCustomerForm,
    OpenFromCaseForm,
    ReasonForm,
    ShownCodeForm,
)
from accounts.support.high_value import is_high_value
from accounts.support.models import SupportVisit
from accounts.support.proposals import list_open
from accounts.support.selectors import (
    check_state,
    customer_view,
    get_visit_for,
    list_open_visits,
)
from accounts.support.unlocking import LOCKS
from accounts.users.models import User
from accounts.users.selectors import find_user_by_phone

Args = ParamSpec("Args")
View = Callable[Concatenate[HttpRequest, Args], HttpResponse]


def desk_only(view: View[Args]) -> View[Args]:
    """Through the admin's own door, and only with the right to use the desk."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if not admin.site.has_permission(request):
            return admin.site.login(request)
        if not request.user.has_perm("accounts.use_desk"):
            raise PermissionDenied
        return view(request, *args, **kwargs)

    return guarded


@desk_only
@require_http_methods(["GET", "HEAD", "POST"])
def find(request: HttpRequest) -> HttpResponse:
    """One box: the whole phone number, and why. Finding somebody is opening their record.

    `?case=` opens the customer of a case that this agent has taken: their number is known there
    and need not be typed.
    """
    agent = signed_in_user(request)
    case = _named_case(request, agent)
    form_class = OpenFromCaseForm if case else OpenCustomerForm
    form = form_class(request.POST or None)
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            throttle.hit(action="support.visit", person=str(agent.public_id))
            try:
                visit = services.open_visit(
                    agent=agent,
                    customer=find_user_by_phone(case.phone if case else form.cleaned_data["phone"]),
                    why=SupportVisit.Why.CASE if case else form.cleaned_data["why"],
                    reason=form.cleaned_data["reason"],
                    address=client_address(request),
                    case=case,
                )
                return redirect("admin:desk:customer", public_id=visit.public_id)
            except Refusal as refusal:
                add_refusal(form, refusal)
    waiting = waiting_cases().values()
    context = {
        "form": form,
        "case": case,
        "open_visits": [] if case else list_open_visits(agent),
        "waiting": sum(count for count, _since in waiting),
        "oldest": min((since for _count, since in waiting), default=None),
        "may_see_waiting": request.user.has_perm("accounts.work_cases") and case is None,
        "minutes": settings.SUPPORT["visit_seconds"] // 60,
        "title": _("Support desk"),
    }
    return _page(request, "find", context, status=status)


@desk_only
@require_safe
def customer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The customer of this visit."""
    return _customer_page(request, get_visit(request, public_id))


@desk_only
@sensitive_post_parameters("digits")
@require_POST
def digits(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Check the ID digits that the caller says."""
    visit = get_visit(request, public_id)
    form = DigitsForm(request.POST)

    def act() -> None:
        services.check_id_digits(visit=visit, digits=form.cleaned_data["digits"])
        messages.success(request, _("The ID digits match."))

    return answer_in_visit(request, visit, form, act, digits_form=form)


@desk_only
@require_POST
def send_code(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send a code to the customer's phone."""
    visit = get_visit(request, public_id)
    form = Form(request.POST)

    def act() -> None:
        services.send_code(
            visit=visit, session_key=session_key_of(request), address=client_address(request)
        )
        messages.success(request, _("A code is on its way to the customer's phone."))

    return answer_in_visit(request, visit, form, act, send_form=form)


@desk_only
@sensitive_post_parameters("code")
@require_POST
def code(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Check the code that the caller reads out."""
    visit = get_visit(request, public_id)
    form = CodeForm(request.POST)

    def act() -> None:
        services.check_code(
            visit=visit, code=form.cleaned_data["code"], session_key=session_key_of(request)
        )
        messages.success(request, _("The code is right: the caller holds the phone."))

    return answer_in_visit(request, visit, form, act, code_form=form)


@desk_only
@sensitive_post_parameters("code")
@require_POST
def shown(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Check the code that the caller's own pages show them."""
    visit = get_visit(request, public_id)
    form = ShownCodeForm(request.POST)

    def act() -> None:
        services.check_shown_code(visit=visit, code=form.cleaned_data["code"])
        messages.success(request, _("The code is right: the caller is signed in."))

    return answer_in_visit(request, visit, form, act, shown_form=form)


@desk_only
@require_POST
def question(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Draw a question about what the customer did lately."""
    visit = get_visit(request, public_id)
    form = Form(request.POST)
    return answer_in_visit(
        request, visit, form, lambda: services.ask_question(visit=visit), question_form=form
    )


@desk_only
@require_POST
def document(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """At the counter: the ID document was seen."""
    visit = get_visit(request, public_id)
    form = Form(request.POST)
    return answer_in_visit(
        request, visit, form, lambda: services.note_document(visit=visit), question_form=form
    )


@desk_only
@require_POST
def answer(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Take the caller's answer."""
    visit = get_visit(request, public_id)
    form = AnswerForm(request.POST)

    def act() -> None:
        services.answer_question(visit=visit, choice=form.cleaned_data["choice"])
        messages.success(request, _("This fits the records."))

    return answer_in_visit(request, visit, form, act, question_form=form)


@desk_only
@step_up_required
@require_http_methods(["GET", "HEAD", "POST"])
def hand_over(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Propose what gives somebody the account; a second person decides."""
    visit = get_visit(request, public_id)
    form = HandOverForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            proposal = services.hand_over(
                visit=visit,
                reason=form.cleaned_data["reason"],
                phone=form.cleaned_data["phone"],
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            messages.success(request, _("Proposed. A lead has to decide it."))
            return redirect("admin:approvals:show", public_id=proposal.public_id)
    context = {
        "form": form,
        "visit": visit,
        "check": check_state(visit),
        "title": _("Second factor or phone number"),
    }
    return _page(request, "hand_over", context, status=422 if form.errors else 200)


@desk_only
@require_POST
def reveal(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Show phone and name in full, in this one answer."""
    visit = get_visit(request, public_id)
    form = ReasonForm(request.POST)
    if not form.is_valid():
        return _customer_page(request, visit, status=422, reveal_form=form)
    try:
        phone, name = services.reveal(visit=visit, reason=form.cleaned_data["reason"])
    except Refusal as refusal:
        add_refusal(form, refusal)
        return _customer_page(request, visit, status=422, reveal_form=form)
    return _customer_page(request, visit, revealed={"phone": phone, "name": name})


@desk_only
@step_up_required
@require_http_methods(["GET", "HEAD", "POST"])
def end_lock(request: HttpRequest, public_id: UUID, which: str) -> HttpResponse:
    """End one lock, with a reason and fresh proof of the agent; one of a wallet of high value is
    proposed to a second person."""
    visit = get_visit(request, public_id)
    if which not in LOCKS:
        raise Http404
    form = ReasonForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            proposal = services.end_lock(
                visit=visit, which=which, reason=form.cleaned_data["reason"]
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            if proposal is not None:
                messages.success(request, _("Proposed. A lead has to decide it."))
                return redirect("admin:approvals:show", public_id=proposal.public_id)
            messages.success(request, _("The lock is ended, and the customer is told."))
            return redirect("admin:desk:customer", public_id=visit.public_id)
    context = {
        "form": form,
        "visit": visit,
        "lock": LOCKS[which],
        "needs_two": is_high_value(visit.customer),
        "check": check_state(visit),
        "title": _("End a lock"),
    }
    return _page(request, "end_lock", context, status=422 if form.errors else 200)


def _named_case(request: HttpRequest, agent: User) -> Case | None:
    """The case that the address or the form names. Raises Http404 for one not taken."""
    named = request.POST.get("case") or request.GET.get("case")
    if not named:
        return None
    case = find_case_taken_by(agent, named)
    if case is None:
        raise Http404
    return case


def get_visit(request: HttpRequest, public_id: UUID) -> SupportVisit:
    """The signed-in agent's own visit; 404 for anybody else's."""
    return get_visit_for(signed_in_user(request), public_id)


def answer_in_visit(
    request: HttpRequest,
    visit: SupportVisit,
    form: Form,
    act: Callable[[], None],
    **forms: Form,
) -> HttpResponse:
    """Do it and go back to the customer, or show the customer with what is wrong."""
    if form.is_valid():
        try:
            act()
        except throttle.TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            return redirect("admin:desk:customer", public_id=visit.public_id)
    return _customer_page(request, visit, status=422, **forms)


def _customer_page(
    request: HttpRequest, visit: SupportVisit, *, status: int = 200, **extra: Any
) -> HttpResponse:
    if not visit.is_open:
        messages.warning(request, _("This visit is over. Open the customer again, with a reason."))
        return redirect("admin:desk:find")
    context = {
        "visit": visit,
        "customer": customer_view(visit.customer),
        "check": check_state(visit),
        "needs_two": is_high_value(visit.customer),
        "proposed": [
            {"row": row, "title": get_proposal_kind(row.kind).title}
            for row in list_open(visit.customer)
        ],
        "digits_form": DigitsForm(),
        "code_form": CodeForm(),
        "shown_form": ShownCodeForm(),
        "look_form": ShownCodeForm(auto_id="look_%s"),
        "view_seconds": settings.GUIDING["view_seconds"],
        "guided": find_live_view_of(visit.agent, visit.customer),
        "reveal_form": ReasonForm(),
        "title": _("Customer"),
        **extra,
    }
    return _page(request, "customer", context, status=status)


def _page(request: HttpRequest, name: str, context: dict[str, Any], *, status: int) -> HttpResponse:
    everything = {**admin.site.each_context(request), **context}
    return render(request, f"accounts/support/{name}.html", everything, status=status)
