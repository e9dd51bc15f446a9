"""The pages of opening a wallet: about you, passwords, code."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django import forms
from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.identity.errors import IdentityNotConfirmed, IdentityRefused, IdentityTaken
from accounts.phone.askers import asker_of
from accounts.phone.binding import find_session_key, session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security import throttle
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import renew_session
from accounts.signin.services import sign_in
from accounts.signup import selectors, services
from accounts.signup.errors import PhoneTaken, StepMissing
from accounts.signup.forms import PasswordsForm, PersonForm, PhoneOnlyForm
from accounts.signup.models import Application
from accounts.signup.selectors import CODE, PASSWORDS, Answers

View = Callable[..., HttpResponse]


def _door(view: View) -> View:
    """For strangers only: who is signed in has a wallet and goes home."""

    @wraps(view)
    def guarded(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        if request.user.is_authenticated:
            return redirect(settings.LOGIN_REDIRECT_URL)
        return view(request, *args, **kwargs)

    return login_not_required(never_cache(sensitive_post_parameters()(guarded)))


@_door
@require_safe
def start(request: HttpRequest) -> HttpResponse:
    """Go on where this browser stopped."""
    application = _find(request)
    step = selectors.next_step(application)
    if step == selectors.PERSON:
        step = selectors.person_step(application)
    return redirect(f"signup:{step}")


@_door
@require_http_methods(["GET", "HEAD", "POST"])
def person(request: HttpRequest) -> HttpResponse:
    """Step 1: name, ID number and phone."""
    return _about_you(request, PersonForm, Application.Kind.IDENTITY)


@_door
@require_http_methods(["GET", "HEAD", "POST"])
def phone_only(request: HttpRequest) -> HttpResponse:
    """Step 1 for the smallest class: the phone alone."""
    return _about_you(request, PhoneOnlyForm, Application.Kind.PHONE)


@_door
@require_http_methods(["GET", "HEAD", "POST"])
def passwords(request: HttpRequest) -> HttpResponse:
    """Step 2: payment password twice, login password."""
    application = _find(request)
    if application is None or selectors.next_step(application) not in {PASSWORDS, CODE}:
        return redirect("signup:start")
    answers = selectors.read_answers(application)
    form = PasswordsForm(request.POST or None, answers=answers)
    if request.method == "POST":
        # Two slow hashes a time: not for everybody as often as they like.
        throttle.hit(action="sign_up", address=client_address(request))
        if form.is_valid():
            try:
                application = services.save_passwords(
                    application=application,
                    payment_password=form.cleaned_data["payment_password"],
                    login_password=form.cleaned_data["login_password"],
                )
            except StepMissing:
                return redirect("signup:start")
            return _to_code(request, application)
    context = {
        "form": form,
        "back": f"signup:{selectors.person_step(application)}",
        "has_passwords": selectors.has_passwords(application),
        "has_challenge": application.challenge_id is not None,
    }
    return _page(request, "passwords", context)


@_door
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """Step 3: the code; then the wallet is open."""
    application = _find(request)
    if application is None:
        return redirect("signup:start")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return _finish(request, application, form)
    if selectors.next_step(application) != CODE:
        return redirect("signup:start")
    return _code_page(request, application, form)


@_door
@require_POST
def send_code(request: HttpRequest) -> HttpResponse:
    """Ask for the first code again, when it was refused before."""
    application = _find(request)
    if application is None or selectors.next_step(application) != CODE:
        return redirect("signup:start")
    return _to_code(request, application)


@_door
@require_POST
def start_again(request: HttpRequest) -> HttpResponse:
    """Throw the answers away and begin anew."""
    services.start_again(session_key=session_key_of(request))
    return redirect("signup:start")


@login_not_required
@require_safe
def terms_of_service(request: HttpRequest) -> HttpResponse:
    """The terms, short enough to be read."""
    return render(request, "accounts/signup/terms.html")


@login_not_required
@require_safe
def privacy(request: HttpRequest) -> HttpResponse:
    """What is kept about people, and why."""
    return render(request, "accounts/signup/privacy.html")


def _find(request: HttpRequest) -> Application | None:
    return selectors.find_application(find_session_key(request))


def _about_you(request: HttpRequest, form_class: type[forms.Form], kind: str) -> HttpResponse:
    application = _find(request)
    answers = selectors.read_answers(application)
    initial = {
        "name": answers.name,
        "id_number": answers.id_number,
        "phone": answers.phone.removeprefix("+86"),
        "agree": bool(answers.phone),
    }
    form = form_class(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        # New answers are compared with passwords that are set already: some eight slow hashes.
        throttle.hit(action="sign_up.answers", address=client_address(request))
        data = form.cleaned_data
        application = services.save_person(
            session_key=session_key_of(request),
            answers=Answers(
                kind=kind,
                name=data.get("name", ""),
                id_number=data.get("id_number", ""),
                phone=data["phone"],
            ),
        )
        request.session.set_expiry(services.LIFE)
        # Whoever has given this browser its session reads no name and no ID number with it.
        renew_session(request)
        if not selectors.has_passwords(application):
            return redirect("signup:passwords")
        if application.challenge_id is None:
            return _to_code(request, application)
        return redirect("signup:code")
    context = {"form": form, "kind": kind, "limits": settings.LIMITS, "is_open": bool(application)}
    return _page(request, "person", context)


def _to_code(request: HttpRequest, application: Application) -> HttpResponse:
    """Ask for a code and go to its page, which says so when none could be sent."""
    try:
        services.send_code(
            application=application,
            session_key=session_key_of(request),
            address=client_address(request),
            asker=asker_of(request, selectors.read_answers(application).phone),
        )
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    return redirect("signup:code")


def _finish(request: HttpRequest, application: Application, form: CodeForm) -> HttpResponse:
    try:
        user = services.finish(
            application=application,
            code=form.cleaned_data["code"],
            session_key=session_key_of(request),
        )
    except StepMissing:
        return redirect("signup:start")
    except throttle.TooManyRequests:
        raise
    except (IdentityTaken, PhoneTaken, IdentityNotConfirmed, IdentityRefused) as refusal:
        # The code was right.
        renew_session(request)
        context = {
            "refusal": refusal,
            "is_identity": isinstance(refusal, IdentityTaken | IdentityNotConfirmed),
            "has_errors": True,
        }
        return render(request, "accounts/signup/refused.html", context, status=422)
    except Refusal as refusal:
        if application.finished_at is not None:
            # The wallet is open and this is an old page of it.
            return redirect("signin:sign_in")
        add_refusal(form, refusal)
        return _code_page(request, application, form)
    # The day for answering is over; from here the session lives as long as any signed-in one.
    request.session.set_expiry(None)
    sign_in(request=request, user=user)
    return redirect("wallets:opened")


def _code_page(request: HttpRequest, application: Application, form: CodeForm) -> HttpResponse:
    challenge = find_challenge(application.challenge_id, session_key_of(request))
    context = {
        "form": form,
        "challenge": challenge,
        "status": code_status(challenge) if challenge else None,
        "answers": selectors.read_answers(application),
        "first_step": f"signup:{selectors.person_step(application)}",
    }
    return _page(request, "code", context)


def _page(request: HttpRequest, name: str, context: dict[str, Any]) -> HttpResponse:
    status = 422 if context["form"].errors else 200
    return render(request, f"accounts/signup/{name}.html", context, status=status)
