"""Notices of risky changes, and taking a change back."""

from __future__ import annotations

from uuid import UUID

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST

from accounts.changes import services
from accounts.changes.selectors import get_change_for
from accounts.changes.undoing import get_undo
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.kinds import kind_title
from accounts.security.redirects import next_or_home, safe_next
from accounts.security.sessions import current_session, signed_in_user
from accounts.security.step_up import step_up_required


@require_POST
def seen(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """I have read the notice."""
    change = get_change_for(signed_in_user(request), public_id)
    session = current_session(request)
    if session is not None:
        services.mark_seen(change=change, session=session)
    return redirect(next_or_home(safe_next(request)))


@never_cache
@step_up_required
@require_http_methods(["GET", "HEAD", "POST"])
def undo(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What taking it back means, and the button."""
    change = get_change_for(signed_in_user(request), public_id)
    refusal: Refusal | None = None
    if request.method == "POST":
        try:
            services.undo_change(
                change=change, keep=current_session(request), address=client_address(request)
            )
        except Refusal as caught:
            refusal = caught
        else:
            messages.success(request, _("Taken back. Every other device is signed out."))
            return redirect("security:centre")
    known = get_undo(change.kind)
    context = {
        "change": change,
        "title": kind_title(change.kind),
        "says": known.says if known else "",
        "refusal": refusal,
    }
    return render(request, "accounts/changes/undo.html", context, status=422 if refusal else 200)
