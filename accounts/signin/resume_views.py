"""Ending the cover, and staying signed in."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.factors.passkey_asking import ask_to_prove, is_answered
from accounts.payment_password.selectors import payment_password_state
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.redirects import next_or_home, safe_next
from accounts.security.services import cover_session, note_seen
from accounts.security.sessions import current_session, signed_in_user
from accounts.signin import resuming
from accounts.signin.cover import is_covered, page_of, shown_while_covered
from accounts.signin.forms import ResumeByLoginForm, ResumeForm
from accounts.signin.kept import keep_form, page_with

_FRAGMENT = "fragment"


@shown_while_covered
@never_cache
@sensitive_post_parameters()
@require_http_methods(["GET", "POST"])
def resume(request: HttpRequest) -> HttpResponse:
    """Ask who is there, then give the page back; as a fragment for a page that covered itself.

    With the payment password, with the login password (`by=login`), or with a passkey. Wrong
    tries count on the same ladders as everywhere.
    """
    user, next_path = signed_in_user(request), safe_next(request)
    if request.method == "GET" and not is_covered(current_session(request), user):
        return redirect(next_or_home(next_path))
    state = payment_password_state(user)
    wants_login = (request.POST.get("by") or request.GET.get("by")) == "login"
    by_login = wants_login or not state.is_set or state.is_locked
    kind = ResumeByLoginForm if by_login else ResumeForm
    is_answer = is_answered(request)
    form = kind(None if is_answer else request.POST or None)
    if request.method == "POST" and (is_answer or form.is_valid()):
        try:
            typed = {} if is_answer else form.cleaned_data
            resuming.resume(request=request, user=user, **typed)
            return _given_back(request, next_or_home(next_path))
        except Refusal as refusal:
            if hasattr(refusal, "retry_after_seconds"):
                raise
            add_refusal(form, refusal)
    context = {
        "form": form,
        "next": next_path,
        "by_login": by_login,
        "state": state,
        "ask": ask_to_prove(request, resuming.RESUME, person=user),
    }
    return _ask(request, context)


def _ask(request: HttpRequest, context: dict[str, Any]) -> HttpResponse:
    is_fragment = _FRAGMENT in request.GET or _FRAGMENT in request.POST
    name = "_resume_form" if is_fragment else "resume"
    context["is_fragment"] = is_fragment
    status = 422 if request.method == "POST" else 200
    return render(request, f"accounts/signin/{name}.html", context, status=status)


def _given_back(request: HttpRequest, path: str) -> HttpResponse:
    if _FRAGMENT in request.POST:
        return HttpResponse(status=204)
    return redirect(path)


@shown_while_covered
@never_cache
@require_POST
def cover(request: HttpRequest) -> HttpResponse:
    """The page has covered itself: so is the session, in every tab. Keeps what was typed; answers
    with the address that shows it again."""
    user, session = signed_in_user(request), current_session(request)
    if session is None or user.is_staff:
        return HttpResponse(status=204)
    cover_session(session=session)
    page = page_of(request)
    action = safe_next(request, request.POST.get("kept_action", "")) or page
    kept = keep_form(user=user, page=page, action=action.split("?")[0], data=request.POST)
    return JsonResponse({"page": page_with(page, kept)})


@shown_while_covered
@never_cache
@require_POST
def stay(request: HttpRequest) -> HttpResponse:
    """Somebody is there: the clock of signing out starts again. A cover stays a cover."""
    session = current_session(request)
    if session is not None:
        note_seen(session=session)
    if request.headers.get("Sec-Fetch-Mode", "navigate") == "navigate":
        return redirect(next_or_home(safe_next(request)))
    return HttpResponse(status=204)
