"""A customer's cases: the list, a new one, the thread."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.cases import services
from accounts.cases.forms import NewCaseForm, ReplyForm
from accounts.cases.models import Case
from accounts.cases.selectors import (
    get_case_for,
    list_cases_for,
    list_messages,
    usual_wait_seconds,
)
from accounts.cases.states import Topic
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import signed_in_user
from accounts.security.throttle import TooManyRequests, hit

_SHOWN = 50


@login_not_required
@never_cache
@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """My cases, and how long an answer usually takes; who is not signed in writes elsewhere."""
    if not request.user.is_authenticated:
        return redirect("cases:contact")
    cases = list(list_cases_for(signed_in_user(request))[:_SHOWN])
    context = {"cases": cases, "usual_wait": usual_wait_seconds()}
    return render(request, "accounts/cases/index.html", context)


@never_cache
@sensitive_post_parameters("subject", "body")
@require_http_methods(["GET", "POST"])
def new(request: HttpRequest) -> HttpResponse:
    """Write to support; a help page names the topic, a payment its reference."""
    user = signed_in_user(request)
    form = NewCaseForm(request.POST or None, initial=_asked(request))
    if request.method == "POST" and form.is_valid():
        hit(action="case.open", person=str(user.public_id))
        try:
            case = services.open_case(
                user=user,
                payment_reference=form.cleaned_data["payment_reference"],
                address=client_address(request),
                **form.facts,
            )
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            say_sent(request, has_blanks=form.has_blanks)
            return redirect("cases:thread", public_id=case.public_id)
    context = {"form": form, "usual_wait": usual_wait_seconds()}
    status = 422 if request.method == "POST" else 200
    return render(request, "accounts/cases/new.html", context, status=status)


@never_cache
@require_safe
def thread(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """One case: what both sides wrote, and whose turn it is."""
    return thread_page(request, _mine(request, public_id), ReplyForm())


@never_cache
@sensitive_post_parameters("body")
@require_POST
def reply(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Write the next message."""
    return take_reply(request, _mine(request, public_id))


@require_POST
def mark_read(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """I have read the answer."""
    case = _mine(request, public_id)
    services.mark_read(case=case)
    return redirect("cases:thread", public_id=case.public_id)


@require_POST
def close(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It is settled."""
    case = _mine(request, public_id)
    do_and_say(request, lambda: services.close_case(case=case), _("The case is closed."))
    return redirect("cases:thread", public_id=case.public_id)


@require_POST
def reopen(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """It is not settled after all."""
    case = _mine(request, public_id)
    do_and_say(request, lambda: services.reopen(case=case), _("The case is open again."))
    return redirect("cases:thread", public_id=case.public_id)


# --- Shared with the pages for people who are not signed in ------------------------------


def thread_page(
    request: HttpRequest, case: Case, form: ReplyForm, *, is_signed_in: bool = True
) -> HttpResponse:
    """The thread with the form below it; 422 when something is wrong with what was written."""
    context = {
        "case": case,
        "thread": list_messages(case),
        "form": form,
        "usual_wait": usual_wait_seconds(),
        "is_signed_in": is_signed_in,
    }
    status = 422 if form.errors else 200
    return render(request, "accounts/cases/thread.html", context, status=status)


def take_reply(request: HttpRequest, case: Case, *, is_signed_in: bool = True) -> HttpResponse:
    """Send what was written, or show it again with what is wrong."""
    form = ReplyForm(request.POST)
    if form.is_valid():
        hit(action="case.write", case=str(case.public_id))
        try:
            services.reply_as_customer(case=case, body=form.cleaned_data["body"])
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            say_sent(request, has_blanks=form.has_blanks)
            if is_signed_in:
                return redirect("cases:thread", public_id=case.public_id)
            return redirect("cases:contact_thread")
    return thread_page(request, case, form, is_signed_in=is_signed_in)


def do_and_say(request: HttpRequest, act: Callable[[], Any], said: str) -> None:
    """Do it, and say that it is done or why not."""
    try:
        act()
    except TooManyRequests:
        raise
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    else:
        messages.success(request, said)


def say_sent(request: HttpRequest, *, has_blanks: bool) -> None:
    """That it arrived; and, when something was blanked out, that it never reached us."""
    messages.success(request, _("Your message is with our support."))
    if has_blanks:
        messages.warning(
            request,
            _(
                "We blanked out what looked like a code, password, card or ID number before "
                "keeping it. Nobody at the bank needs these; if you told one to somebody, "
                "change it."
            ),
        )


def _asked(request: HttpRequest) -> dict[str, str]:
    """What the page one comes from says it is about."""
    topic = request.GET.get("topic", "")
    return {
        "topic": topic if topic in Topic.values else "",
        "payment_reference": request.GET.get("payment", "")[:20],
    }


def _mine(request: HttpRequest, public_id: UUID) -> Case:
    return get_case_for(signed_in_user(request), public_id)
