"""The customer's side: codes for a helper, and the end of a guided view."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.guiding import services
from accounts.guiding.forms import ConsentForm
from accounts.guiding.models import GuidedView, HelperCode
from accounts.guiding.selectors import find_live_view
from accounts.guiding.words import words_of
from accounts.security.redirects import safe_next
from accounts.security.sessions import current_session, signed_in_user


@never_cache
@require_safe
def page(request: HttpRequest) -> HttpResponse:
    """What a helper may ask for, and how to know a genuine one."""
    view = find_live_view(signed_in_user(request))
    context = {"view": view, "words": words_of(view.public_id) if view else (), **_numbers()}
    return render(request, "accounts/guiding/page.html", context)


@never_cache
@require_POST
def code(request: HttpRequest) -> HttpResponse:
    """A code that shows who I am, in this answer alone."""
    return _show_code(request, HelperCode.Purpose.IDENTIFY)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def look(request: HttpRequest) -> HttpResponse:
    """What a helper would see and would not; with a yes, the code for it in this answer alone."""
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        return _show_code(request, HelperCode.Purpose.LOOK)
    context = {"form": form, **_numbers()}
    status = 422 if form.is_bound else 200
    return render(request, "accounts/guiding/look.html", context, status=status)


@require_POST
def end(request: HttpRequest) -> HttpResponse:
    """Nobody looks with me any more."""
    view = find_live_view(signed_in_user(request))
    if view is not None:
        services.end_view(view=view, by=GuidedView.EndedBy.CUSTOMER)
    messages.success(request, _("The guided view is over. Nobody looks with you."))
    return redirect(safe_next(request) or "guiding:page")


def _show_code(request: HttpRequest, purpose: str) -> HttpResponse:
    session = current_session(request)
    if session is None:
        raise PermissionDenied
    text = services.make_code(user=signed_in_user(request), session=session, purpose=purpose)
    is_look = purpose == HelperCode.Purpose.LOOK
    context = {"code": text, "is_look": is_look, **_numbers()}
    return render(request, "accounts/guiding/code.html", context)


def _numbers() -> dict[str, int]:
    rules = settings.GUIDING
    return {"code_seconds": rules["code_seconds"], "view_seconds": rules["view_seconds"]}
