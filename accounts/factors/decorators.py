"""Pages that ask for fresh proof first."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Concatenate, ParamSpec

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.http import urlencode

from accounts.factors.proof import has_fresh_proof
from accounts.security import throttle
from accounts.security.sessions import signed_in_user

Args = ParamSpec("Args")
View = Callable[Concatenate[HttpRequest, Args], HttpResponse]


def step_up_required(view: View[Args]) -> View[Args]:
    """Send people without fresh proof to the step-up page and back; a form they posted is not
    carried out, whichever step it belongs to. Forms are counted (`change` in
    settings.RATE_LIMITS)."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if not has_fresh_proof(request):
            return ask_fresh_proof(request)
        if request.method == "POST":
            count_change(request)
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


def ask_fresh_proof(request: HttpRequest) -> HttpResponse:
    """To the step-up page and back here; for pages that know only later whether they need it."""
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('factors:step_up')}?{query}")
