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

Args = ParamSpec("Args")
View = Callable[Concatenate[HttpRequest, Args], HttpResponse]


def step_up_required(view: View[Args]) -> View[Args]:
    """Send people without fresh proof to the step-up page and back; a form they posted is not
    carried out, whichever step it belongs to."""

    @wraps(view)
    def guarded(request: HttpRequest, /, *args: Args.args, **kwargs: Args.kwargs) -> HttpResponse:
        if has_fresh_proof(request):
            return view(request, *args, **kwargs)
        return ask_fresh_proof(request)

    return guarded


def ask_fresh_proof(request: HttpRequest) -> HttpResponse:
    """To the step-up page and back here; for pages that know only later whether they need it."""
    query = urlencode({"next": request.get_full_path()})
    return redirect(f"{reverse('factors:step_up')}?{query}")
