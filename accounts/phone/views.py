"""Sending a code again, and the inbox of demo mode."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.phone import services
from accounts.phone.binding import session_key_of
from accounts.phone.selectors import list_demo_messages
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal


@login_not_required
@never_cache
@require_POST
def resend(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Send a newer code for a challenge of this browser, then back to its page."""
    try:
        services.resend_code(
            challenge_id=public_id,
            session_key=session_key_of(request),
            address=client_address(request),
        )
        messages.success(request, _("A new code is on its way. Only the newest one works."))
    except Refusal as refusal:
        messages.warning(request, refusal.message)
    return redirect(_way_back(request))


@login_not_required
@never_cache
@require_safe
def demo_inbox(request: HttpRequest) -> HttpResponse:
    """Everybody's text messages, in demo mode; elsewhere there is no such page."""
    if not settings.DEMO_MODE:
        raise Http404
    return render(request, "accounts/phone/demo_inbox.html", {"sms_messages": list_demo_messages()})


def _way_back(request: HttpRequest) -> str:
    wanted = request.POST.get("next", "")
    is_path = wanted.startswith("/") and not wanted.startswith("//") and "\\" not in wanted
    is_ours = url_has_allowed_host_and_scheme(
        wanted, allowed_hosts=None, require_https=request.is_secure()
    )
    return wanted if is_path and is_ours and wanted.isprintable() else reverse("shell:landing")
