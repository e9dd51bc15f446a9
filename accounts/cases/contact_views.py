"""Writing to support without signing in, and coming back to read the answer."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.cases import contact as walks
from accounts.cases import services
from accounts.cases.forms import ContactForm, ReadingCodeForm, ReadingForm, ReplyForm
from accounts.cases.models import Case, CaseReading
from accounts.cases.selectors import find_case_without_owner, find_reading, usual_wait_seconds
from accounts.cases.states import Topic
from accounts.cases.views import do_and_say, say_sent, take_reply, thread_page
from accounts.phone.askers import asker_of
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security.addresses import client_address
from accounts.security.devices import find_device_of
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import is_proved_here, renew_session
from accounts.security.throttle import TooManyRequests

# In the browser's session: the number of the case just opened and its reading code until it was
# shown, the walk back to one by text message, and the case that this browser may read until when.
SENT_FIELD, CODE_FIELD = "case_sent", "case_reading_code"
READING_FIELD, OPEN_FIELD = "case_reading", "case_open"


@login_not_required
@never_cache
@sensitive_post_parameters("subject", "body", "phone")
@require_http_methods(["GET", "POST"])
def contact(request: HttpRequest) -> HttpResponse:
    """Phone, topic, words. The answer is the same for every number."""
    topic = request.GET.get("topic", "")
    form = ContactForm(
        request.POST or None, initial={"topic": topic if topic in Topic.values else ""}
    )
    if request.method == "POST" and form.is_valid():
        try:
            phone = form.cleaned_data["phone"]
            case = walks.contact_support(
                phone=phone,
                address=client_address(request),
                is_own_browser=find_device_of(request, phone) is not None,
                **form.facts,
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            # The case opens in this browser alone, not with a cookie that was planted before.
            renew_session(request)
            request.session[SENT_FIELD] = case.number
            request.session[CODE_FIELD] = walks.make_reading_code(case=case)
            _open_here(request, case, settings.CASES["opener_seconds"])
            say_sent(request, has_blanks=form.has_blanks)
            return redirect("cases:contact_sent")
    return _page(request, "contact", {"form": form, "usual_wait": usual_wait_seconds()})


@login_not_required
@never_cache
@require_safe
def sent(request: HttpRequest) -> HttpResponse:
    """The number of the case and its reading code, to write down; the code is shown once."""
    number = request.session.get(SENT_FIELD)
    if not number:
        return redirect("cases:contact")
    is_shown = request.method == "GET"
    context = {
        "number": number,
        "reading_code": request.session.pop(CODE_FIELD, "") if is_shown else "",
        "usual_wait": usual_wait_seconds(),
    }
    return _page(request, "contact_sent", context)


@login_not_required
@never_cache
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "POST"])
def read(request: HttpRequest) -> HttpResponse:
    """Which case: its number and the phone. Any pair gets the same answer."""
    form = ReadingForm(
        request.POST or None, initial={"number": request.session.get(SENT_FIELD, "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            reading = walks.start_reading(
                number=form.cleaned_data["number"],
                phone=form.cleaned_data["phone"],
                session_key=session_key_of(request),
                address=client_address(request),
                asker=asker_of(request, form.cleaned_data["phone"]),
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            request.session[READING_FIELD] = str(reading.public_id)
            return redirect("cases:contact_code")
    return _page(request, "contact_read", {"form": form, "here": _open_case(request)})


@login_not_required
@never_cache
@sensitive_post_parameters("reading_code")
@require_http_methods(["GET", "POST"])
def open_with_code(request: HttpRequest) -> HttpResponse:
    """The way back without a text message. Any wrong pair gets the same answer."""
    form = ReadingCodeForm(
        request.POST or None, initial={"number": request.session.get(SENT_FIELD, "")}
    )
    if request.method == "POST" and form.is_valid():
        try:
            case = walks.open_with_reading_code(
                number=form.cleaned_data["number"],
                reading_code=form.cleaned_data["reading_code"],
                address=client_address(request),
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            add_refusal(form, refusal)
        else:
            request.session.cycle_key()
            _open_here(request, case, settings.CASES["reading_seconds"])
            return redirect("cases:contact_thread")
    return _page(request, "contact_open", {"form": form})


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code that was sent to the phone."""
    reading = _walk(request)
    if reading is None:
        return _start_again(request)
    if reading.proved_at is not None and _proved_case(request) is not None:
        return redirect("cases:contact_thread")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            walks.prove_reader(
                reading=reading,
                code=form.cleaned_data["code"],
                session_key=session_key_of(request),
            )
            renew_session(request, walk=reading.public_id)
            request.session.pop(OPEN_FIELD, None)
            return redirect("cases:contact_thread")
        except Refusal as refusal:
            add_refusal(form, refusal)
    challenge = find_challenge(reading.challenge_id, session_key_of(request))
    if challenge is None:
        return _start_again(request)
    context = {
        "form": form,
        "challenge": challenge,
        "status": code_status(challenge),
        "phone": reading.phone,
    }
    return _page(request, "contact_code", context)


@login_not_required
@never_cache
@require_safe
def thread(request: HttpRequest) -> HttpResponse:
    """The case that this browser opened, or has shown the reading code or the phone for."""
    case = _proved_case(request)
    if case is None:
        return _start_again(request)
    return thread_page(request, case, ReplyForm(), is_signed_in=False)


@login_not_required
@never_cache
@sensitive_post_parameters("body")
@require_POST
def reply(request: HttpRequest) -> HttpResponse:
    """Write the next message."""
    case = _proved_case(request)
    return take_reply(request, case, is_signed_in=False) if case else _start_again(request)


@login_not_required
@require_POST
def close(request: HttpRequest) -> HttpResponse:
    """It is settled."""
    case = _proved_case(request)
    if case is None:
        return _start_again(request)
    do_and_say(request, lambda: services.close_case(case=case), _("The case is closed."))
    return redirect("cases:contact_thread")


@login_not_required
@require_POST
def reopen(request: HttpRequest) -> HttpResponse:
    """It is not settled after all."""
    case = _proved_case(request)
    if case is None:
        return _start_again(request)
    do_and_say(request, lambda: services.reopen(case=case), _("The case is open again."))
    return redirect("cases:contact_thread")


@login_not_required
@require_POST
def leave(request: HttpRequest) -> HttpResponse:
    """Others use this browser, too: it forgets the case."""
    for field in (SENT_FIELD, CODE_FIELD, READING_FIELD, OPEN_FIELD):
        request.session.pop(field, None)
    messages.success(request, _("This browser has forgotten the case."))
    return redirect("cases:contact_read")


@login_not_required
@require_POST
def mark_read(request: HttpRequest) -> HttpResponse:
    """I have read the answer."""
    case = _proved_case(request)
    if case is None:
        return _start_again(request)
    services.mark_read(case=case)
    return redirect("cases:contact_thread")


def _page(request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, f"accounts/cases/{name}.html", context, status=status)


def _walk(request: HttpRequest) -> CaseReading | None:
    return find_reading(request.session.get(READING_FIELD))


def _proved_case(request: HttpRequest) -> Case | None:
    """The case that this browser may read now, by whichever way it came."""
    case = _open_case(request)
    if case is not None:
        return case
    reading = _walk(request)
    if reading is None or reading.proved_at is None:
        return None
    return reading.case if is_proved_here(request, reading.public_id) else None


def _open_here(request: HttpRequest, case: Case, seconds: int) -> None:
    until = timezone.now() + timedelta(seconds=seconds)
    request.session.pop(READING_FIELD, None)
    request.session[OPEN_FIELD] = {"case": str(case.public_id), "until": until.isoformat()}


def _open_case(request: HttpRequest) -> Case | None:
    kept = request.session.get(OPEN_FIELD)
    if not kept or datetime.fromisoformat(kept["until"]) <= timezone.now():
        return None
    return find_case_without_owner(kept["case"])


def _start_again(request: HttpRequest) -> HttpResponse:
    was_open = [request.session.pop(field, None) for field in (READING_FIELD, OPEN_FIELD)]
    if any(was_open):
        messages.warning(request, _("That took too long. Please start again."))
    return redirect("cases:contact_read")
