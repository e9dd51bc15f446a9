"""The page on which a wallet is closed, and the closing taken back."""

from __future__ import annotations

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.debug import sensitive_post_parameters
from django.views.decorators.http import require_http_methods, require_POST

from accounts.payment_password.selectors import payment_password_state
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import current_session, renew_session, signed_in_user
from accounts.security.step_up import step_up_required
from payments.closing import services
from payments.closing.forms import CloseForm
from payments.closing.selectors import find_open, list_obstacles
from payments.wallets.services import open_wallet


@never_cache
@require_http_methods(["GET", "HEAD"])
def state(request: HttpRequest) -> HttpResponse:
    """What closing means, what must be settled first, or when it closes."""
    me = signed_in_user(request)
    wallet = open_wallet(user=me)
    context = {
        "closing": find_open(wallet),
        "obstacles": list_obstacles(me, wallet),
        "days": _days(),
        "years": settings.CLOSING["keep_years"],
    }
    return render(request, "payments/closing/state.html", context)


@never_cache
@step_up_required
@sensitive_post_parameters()
@require_http_methods(["GET", "HEAD", "POST"])
def confirm(request: HttpRequest) -> HttpResponse:
    """After fresh proof: the payment password, and the week begins."""
    me = signed_in_user(request)
    wallet = open_wallet(user=me)
    found = find_open(wallet)
    if list_obstacles(me, wallet) or (found is not None and found.stopped_at is None):
        return redirect("closing:state")
    form = CloseForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            services.ask_to_close(
                user=me,
                raw_payment_password=form.cleaned_data["payment_password"],
                session=current_session(request),
                address=client_address(request),
            )
            renew_session(request)
            return redirect("closing:state")
        except Refusal as refusal:
            add_refusal(form, refusal)
    context = {
        "form": form,
        "tries": payment_password_state(me),
        "closing": found,
        "days": _days(),
    }
    status = 422 if form.errors else 200
    return render(request, "payments/closing/confirm.html", context, status=status)


def _days() -> int:
    return settings.CLOSING["wait_seconds"] // 86_400


@never_cache
@require_POST
def take_back(request: HttpRequest) -> HttpResponse:
    """Everything goes on as before."""
    if services.take_back(user=signed_in_user(request), address=client_address(request)):
        messages.success(request, _("Your wallet stays open."))
    return redirect("closing:state")
