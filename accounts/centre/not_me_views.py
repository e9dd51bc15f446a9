"""For people who got a message about a change that they did not make, and cannot sign in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.changes import services
from accounts.changes.forms import NotMeForm
from accounts.changes.models import Change, NotMeWalk
from accounts.changes.selectors import find_walk, way_by_walk
from accounts.changes.undoing import Way, get_undo, list_stops
from accounts.phone.askers import asker_of
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.kinds import kind_title
from accounts.security.selectors import is_session_over
from accounts.security.sessions import current_session, is_proved_here, renew_session
from accounts.security.throttle import TooManyRequests
from accounts.signin.forms import RecoveryPersonForm
from accounts.signin.recovery import check_person, needs_identity, needs_payment_password
from accounts.signin.services import leave_browser
from accounts.users.models import User

WALK_FIELD = "not_me"


@login_not_required
@never_cache
@sensitive_post_parameters("phone")
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    """Which change, and the phone that was told. Any pair gets the same answer."""
    form = NotMeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            walk = services.start_walk(
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
            request.session[WALK_FIELD] = str(walk.public_id)
            return redirect("security:not_me_code")
    return _page(request, "not_me", {"form": form})


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def code(request: HttpRequest) -> HttpResponse:
    """The code that was sent to the phone."""
    walk = find_walk(request.session.get(WALK_FIELD))
    if walk is None:
        return _start_again(request)
    if _proved(request) is not None:
        return redirect("security:not_me_act")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.prove_walker(
                walk=walk, code=form.cleaned_data["code"], session_key=session_key_of(request)
            )
            renew_session(request, walk=walk.public_id)
            return redirect("security:not_me_act")
        except Refusal as refusal:
            add_refusal(form, refusal)
    challenge = find_challenge(walk.challenge_id, session_key_of(request))
    if challenge is None:
        return _start_again(request)
    status = code_status(challenge)
    context = {"form": form, "challenge": challenge, "status": status, "phone": walk.phone}
    return _page(request, "not_me_code", context)


@login_not_required
@never_cache
@require_safe
def act(request: HttpRequest) -> HttpResponse:
    """What happened, and what can be done about it now."""
    walk = _proved(request)
    if walk is None or walk.change is None:
        return _start_again(request)
    return _act_page(request, walk.change, way_by_walk(walk), _person_form(walk))


@login_not_required
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest) -> HttpResponse:
    """Take the change back; for some it takes more than the phone."""
    walk = _proved(request)
    if walk is None or walk.change is None:
        return _start_again(request)
    if request.method != "POST":
        return redirect("security:not_me_act")
    form, address = _person_form(walk, request.POST), client_address(request)
    if form is not None and not form.is_valid():
        return _act_page(request, walk.change, Way.PERSON, form)

    def prove_person(user: User) -> None:
        given = form.cleaned_data if form else {}
        check_person(
            user=user,
            digits=given.get("digits", ""),
            payment_password=given.get("payment_password", ""),
            address=address,
            refused="change.undo_refused",
        )

    try:
        services.undo_by_walk(
            walk=walk, address=address, prove_person=prove_person if form else None
        )
    except TooManyRequests:
        raise
    except Refusal as refusal:
        if form is None:
            messages.warning(request, refusal.message)
            return redirect("security:not_me_act")
        add_refusal(form, refusal)
        return _act_page(request, walk.change, Way.PERSON, form)
    messages.success(request, _("Taken back. Every device is signed out."))
    return redirect("security:not_me_act")


@login_not_required
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Nobody is signed in any more, and no money leaves."""
    walk = _proved(request)
    if walk is None:
        return _start_again(request)
    try:
        services.stop_everything(walk=walk, address=client_address(request))
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    else:
        said = _("Every device is signed out.")
        if list_stops():
            said = _("Every device is signed out and no money leaves.")
        session = current_session(request)
        if session is not None and is_session_over(session):
            # The walk goes on in what is a stranger's browser from now on.
            leave_browser(request=request)
            renew_session(request, walk=walk.public_id)
            request.session[WALK_FIELD] = str(walk.public_id)
        messages.success(request, said)
    return redirect("security:not_me_act")


def _person_form(walk: NotMeWalk, data: Any = None) -> RecoveryPersonForm | None:
    """What is asked for beside the phone; None where nothing is, or nothing can be."""
    if walk.change is None or way_by_walk(walk) is not Way.PERSON:
        return None
    user = walk.change.user
    form = RecoveryPersonForm(
        data,
        has_digits=needs_identity(user),
        has_payment_password=needs_payment_password(user),
    )
    # Of somebody who has neither the phone would be enough: for them support is the way.
    return form if form.fields else None


def _act_page(
    request: HttpRequest, change: Change, way: Way, form: RecoveryPersonForm | None
) -> HttpResponse:
    known = get_undo(change.kind)
    context = {
        "change": change,
        "title": kind_title(change.kind),
        "says": known.says if known else "",
        "form": form,
        "may_undo": way is Way.PHONE or form is not None,
        "is_for_signed_in": way is Way.SIGNED_IN or (way is Way.PERSON and form is None),
        "may_freeze": bool(list_stops()),
    }
    return _page(request, "not_me_act", context)


def _proved(request: HttpRequest) -> NotMeWalk | None:
    walk = find_walk(request.session.get(WALK_FIELD))
    if walk is None or walk.proved_at is None:
        return None
    return walk if is_proved_here(request, walk.public_id) else None


def _page(request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, f"accounts/changes/{name}.html", context, status=status)


def _start_again(request: HttpRequest) -> HttpResponse:
    if request.session.pop(WALK_FIELD, None):
        messages.warning(request, _("That took too long. Please start again."))
    return redirect("security:not_me")
