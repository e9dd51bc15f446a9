"""The helper's side of a guided view: pages that show, each of them an event for the customer.

They are pages of our own, made of what the customer's pages are made of; nobody acts as the
customer, and no form of these pages reaches further than the end of the view.
"""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_POST, require_safe

from accounts.guiding import services
from accounts.guiding.errors import ViewOver
from accounts.guiding.facts import facts_about
from accounts.guiding.models import GuidedView
from accounts.guiding.places import place_title
from accounts.guiding.selectors import get_view_for_agent
from accounts.guiding.words import words_of
from accounts.security.selectors import list_open_sessions_for
from accounts.security.sessions import current_session, signed_in_user
from accounts.support.forms import ShownCodeForm
from accounts.support.selectors import customer_view
from accounts.support.services import begin_guided_view
from accounts.support.views import answer_in_visit, desk_only, get_visit


@desk_only
@sensitive_post_parameters("code")
@require_POST
def begin(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Begin one with the code that the customer reads out."""
    visit = get_visit(request, public_id)
    form = ShownCodeForm(request.POST, auto_id="look_%s")
    session = current_session(request)
    if session is None:
        raise PermissionDenied
    begun: list[GuidedView] = []

    def act() -> None:
        code = form.cleaned_data["code"]
        begun.append(begin_guided_view(visit=visit, session=session, code=code))

    answer = answer_in_visit(request, visit, form, act, look_form=form)
    return redirect("admin:desk:guided", public_id=begun[0].public_id) if begun else answer


@desk_only
@never_cache
@require_safe
def overview(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Where the customer is, and what stands in their way."""
    return _show(request, public_id, "overview")


@desk_only
@never_cache
@require_safe
def security(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What their security centre says."""
    return _show(request, public_id, "security")


@desk_only
@never_cache
@require_safe
def activity(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What they did lately: states, no amounts."""
    return _show(request, public_id, "activity")


@desk_only
@require_POST
def end(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The helper stops looking."""
    view = get_view_for_agent(signed_in_user(request), public_id)
    services.end_view(view=view, by=GuidedView.EndedBy.HELPER)
    messages.success(request, _("The guided view is over."))
    return redirect("admin:desk:customer", public_id=view.visit.public_id)


def _show(request: HttpRequest, public_id: UUID, page: str) -> HttpResponse:
    view = get_view_for_agent(signed_in_user(request), public_id)
    try:
        services.note_opened(view=view, page=page)
    except ViewOver as over:
        messages.warning(request, str(over.message))
        return redirect("admin:desk:customer", public_id=view.visit.public_id)
    context: dict[str, Any] = {
        **admin.site.each_context(request),
        "view": view,
        "words": words_of(view.public_id),
        "page": page,
        "place": place_title(view.at_page),
        "customer": customer_view(view.customer),
        "facts": facts_about(view.customer) if page != "security" else None,
        "sessions": list_open_sessions_for(view.customer) if page == "security" else (),
        "title": _("Guided view"),
    }
    return render(request, f"accounts/support/guided/{page}.html", context)
