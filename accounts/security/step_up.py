"""Fresh proof: somebody at this browser has shown within minutes who they are; and the pages that
ask for it first. How it is given is the business of `accounts/factors`."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from functools import wraps
from typing import Any, Concatenate, ParamSpec, overload

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils import timezone
from django.utils.http import urlencode

from accounts.security import throttle
from accounts.security.services import note_fresh_proof
from accounts.security.sessions import current_session, renew_session, signed_in_user

Args = ParamSpec("Args")
View = Callable[Concatenate[HttpRequest, Args], HttpResponse]


def has_fresh_proof(request: HttpRequest) -> bool:
    """Whether step-up was passed in this session within `SESSIONS["step_up_seconds"]`.

    Signing in does not count: whoever finds an open browser has signed in, too.
    """
    session = current_session(request)
    if session is None or session.proved_at is None:
        return False
    age = timezone.now() - session.proved_at
    return timedelta(0) <= age <= timedelta(seconds=settings.SESSIONS["step_up_seconds"])


def give_fresh_proof(request: HttpRequest) -> None:
    """Remember the proof and change the session key, as after every authentication."""
    session = current_session(request)
    if session is None:
        raise RuntimeError("fresh proof needs a signed-in session")
    note_fresh_proof(session=session)
    renew_session(request)


@overload
def step_up_required(view: View[Args], /) -> View[Args]: ...
@overload
def step_up_required(*, form_on: str) -> Callable[[View[Args]], View[Args]]: ...
def step_up_required(view: Any = None, /, *, form_on: str = "") -> Any:
    """Send people without fresh proof to the step-up page and back; a form they posted is not
    carried out, whichever step it belongs to. Forms are counted (`change` in
    settings.RATE_LIMITS).

    A view that only takes forms names the page on which its form stands (`form_on`, with the same
    arguments in its address, if any): nobody can come back to what shows nothing.
    """

    def guard(view: Callable[..., HttpResponse]) -> Callable[..., HttpResponse]:
        @wraps(view)
        def guarded(request: HttpRequest, /, *args: Any, **kwargs: Any) -> HttpResponse:
            if not has_fresh_proof(request):
                back = reverse(form_on, args=args, kwargs=kwargs) if form_on else ""
                return ask_fresh_proof(request, back=back)
            if request.method == "POST":
                count_change(request)
            return view(request, *args, **kwargs)

        guarded.asks_fresh_proof = True  # type: ignore[attr-defined]
        return guarded

    return guard if view is None else guard(view)


def step_up_to_finish(view: View[Args]) -> View[Args]:
    """The last step of a walk that began with fresh proof: the form that finishes it needs proof
    that is still fresh, and is not looked at without; the person comes back to the same step."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if request.method == "POST" and not has_fresh_proof(request):
            return ask_fresh_proof(request)
        return view(request, *args, **kwargs)

    return guarded


def count_change(request: HttpRequest) -> None:
    """Count one change of what protects a customer: most of them are told by text message, which
    costs money, and who gets fifty reads none. Staff have lines of their own. Raises
    TooManyRequests. For the forms that `step_up_required` does not guard; call it outside any
    transaction."""
    user = signed_in_user(request)
    if not user.is_staff:
        throttle.hit(action="change", person=str(user.public_id))


def ask_fresh_proof(request: HttpRequest, *, back: str = "") -> HttpResponse:
    """To the step-up page and back here, or to the path `back`; for pages that know only later
    whether they need it."""
    query = urlencode({"next": back or request.get_full_path()})
    return redirect(f"{reverse('factors:step_up')}?{query}")
