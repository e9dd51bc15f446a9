"""Sending a code again, receipts of providers, and the inbox of demo mode."""

from __future__ import annotations

import logging
from uuid import UUID

from django.conf import settings
from django.contrib import messages
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.csrf import csrf_exempt
from django.views.decorators.http import require_POST, require_safe

from accounts.phone import services
from accounts.phone.binding import session_key_of
from accounts.phone.gateways.base import Callback, TakesReceipts, UnauthenticError
from accounts.phone.gateways.providers import find_provider
from accounts.phone.pages import waiting_code_page
from accounts.phone.receipts import take_receipt
from accounts.phone.selectors import list_demo_messages
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.throttle import hit

logger = logging.getLogger(__name__)
_MOST_BYTES = 256 * 1024
_MOST_RECEIPTS = 500


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
def continue_with_code(request: HttpRequest) -> HttpResponse:
    """Back to the page on which this browser waits for a code; where to begin, if it does not."""
    page = waiting_code_page(request)
    if page is not None:
        return redirect(page)
    return render(request, "accounts/phone/no_code_waits.html")


@csrf_exempt
@login_not_required
@never_cache
@require_POST
def receipts(request: HttpRequest, provider: str) -> HttpResponse:
    """A provider says what became of messages: 403 unless it proves who it is. The answer is the
    same for messages we know and others: who asks learns nothing."""
    known = find_provider(provider)
    if known is None or not isinstance(known.gateway, TakesReceipts):
        raise Http404
    # Django reads no more than the length says, and nothing without one.
    length = request.headers.get("Content-Length") or "0"
    if not length.isdecimal() or int(length) > _MOST_BYTES:
        return HttpResponse(status=413)
    callback = Callback(request.get_full_path(), request.headers, request.body)
    try:
        found = known.gateway.read_receipts(callback)
    except UnauthenticError:
        hit(action="sms.receipt_wrong", address=client_address(request))
        logger.warning("%s: a receipt that it did not send", known.name)
        return HttpResponse(status=403)
    except ValueError:
        return HttpResponse(status=400)
    if len(found) > _MOST_RECEIPTS:
        return HttpResponse(status=413)
    hit(action="sms.receipt", provider=known.name)
    for receipt in found:
        take_receipt(known.name, receipt)
    thanks = known.gateway.thanks
    return HttpResponse(status=204) if thanks is None else JsonResponse(thanks)


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
