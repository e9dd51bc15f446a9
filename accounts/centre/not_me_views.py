"""For people who got a message about a change that they did not make, and cannot sign in."""

from __future__ import annotations

from collections.abc import Callable

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
from accounts.changes.models import NotMeWalk
from accounts.changes.selectors import find_walk
from accounts.changes.undoing import get_undo, list_stops
from accounts.phone.binding import session_key_of
from accounts.phone.forms import CodeForm
from accounts.phone.selectors import code_status, find_challenge
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.kinds import kind_title
from accounts.security.selectors import is_session_over
from accounts.security.sessions import current_session
from accounts.security.throttle import TooManyRequests
from accounts.signin.services import leave_browser

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
    if walk.proved_at is not None:
        return redirect("security:not_me_act")
    form = CodeForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.prove_walker(
                walk=walk, code=form.cleaned_data["code"], session_key=session_key_of(request)
            )
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
    undo = get_undo(walk.change.kind)
    context = {
        "change": walk.change,
        "title": kind_title(walk.change.kind),
        "says": undo.says if undo else "",
        "may_undo": bool(undo and undo.by_phone and walk.change.may_be_undone),
        "may_freeze": bool(list_stops()),
    }
    return _page(request, "not_me_act", context)


@login_not_required
@require_POST
def undo(request: HttpRequest) -> HttpResponse:
    """Take the change back."""
    return _do(request, services.undo_by_walk, _("Taken back. Every device is signed out."))


@login_not_required
@require_POST
def stop(request: HttpRequest) -> HttpResponse:
    """Nobody is signed in any more, and no money leaves."""
    said = _("Every device is signed out.")
    if list_stops():
        said = _("Every device is signed out and no money leaves.")
    return _do(request, services.stop_everything, said)


def _do(request: HttpRequest, do: Callable[..., None], said: str) -> HttpResponse:
    walk = _proved(request)
    if walk is None:
        return _start_again(request)
    try:
        do(walk=walk, address=client_address(request))
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    else:
        session = current_session(request)
        if session is not None and is_session_over(session):
            # The walk goes on in what is a stranger's browser from now on.
            leave_browser(request=request)
            request.session[WALK_FIELD] = str(walk.public_id)
        messages.success(request, said)
    return redirect("security:not_me_act")


def _proved(request: HttpRequest) -> NotMeWalk | None:
    walk = find_walk(request.session.get(WALK_FIELD))
    return walk if walk is not None and walk.proved_at is not None else None


def _page(request: HttpRequest, name: str, context: dict[str, object]) -> HttpResponse:
    status = 422 if request.method == "POST" else 200
    return render(request, f"accounts/changes/{name}.html", context, status=status)


def _start_again(request: HttpRequest) -> HttpResponse:
    if request.session.pop(WALK_FIELD, None):
        messages.warning(request, _("That took too long. Please start again."))
    return redirect("security:not_me")
