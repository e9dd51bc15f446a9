"""The page at the end of sign-up, and the limits of one's wallet."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import ValidationError
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.factors.errors import FreshProofNeeded
from accounts.payment_password.selectors import payment_password_state
from accounts.security.sessions import current_session
from accounts.security.step_up import count_change, has_fresh_proof
from accounts.users.models import User
from ledger.money import Money
from payments.wallets.amounts import amount_text
from payments.wallets.errors import OwnLimitTooWide
from payments.wallets.forecast import (
    find_raising_class,
    granted_text,
    lowered_text,
    what_raises,
)
from payments.wallets.forms import OwnLimitsForm
from payments.wallets.models import Wallet
from payments.wallets.own_limits import (
    Wishes,
    current_wishes,
    narrow_own_limits,
    set_own_limits,
)
from payments.wallets.selectors import bank_rules, limit_state, wallet_balance
from payments.wallets.services import open_wallet


@require_safe
def opened(request: HttpRequest) -> HttpResponse:
    """Says that it worked. Opens the wallet if the sign-up's last step could not; looking again
    changes nothing."""
    assert isinstance(request.user, User)
    wallet = open_wallet(user=request.user)
    context = {
        "wallet": wallet,
        "balance": wallet_balance(wallet),
        "limits": limit_state(wallet),
        "lock": payment_password_state(request.user),
    }
    return render(request, "payments/wallets/opened.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def limits(request: HttpRequest) -> HttpResponse:
    """What the class allows, what is used, and the owner's own limits. Lowering holds at once;
    raising asks for fresh proof first, and the form comes back as it was typed."""
    assert isinstance(request.user, User)
    wallet = open_wallet(user=request.user)
    if request.method != "POST":
        typed = {name: request.GET[name] for name in Wishes.__slots__ if name in request.GET}
        form = _form(wallet, initial=typed or _as_typed(wallet, current_wishes(wallet)))
        return _limits_page(request, wallet, form, status=200)
    form = _form(wallet, data=request.POST)
    if form.is_valid():
        wishes, is_proved = form.wishes(), has_fresh_proof(request)
        if wishes.raises(current_wishes(wallet)) and not is_proved:
            return _ask_proof(wallet, wishes)
        count_change(request)
        write = set_own_limits if is_proved else narrow_own_limits
        try:
            write(
                wallet=wallet,
                by=request.user,
                wishes=wishes,
                session=current_session(request),
            )
        except FreshProofNeeded:
            # They were made narrower since the page was asked for.
            return _ask_proof(wallet, wishes)
        except OwnLimitTooWide as refusal:
            form.add_error(refusal.field, ValidationError(refusal.message, code=refusal.code))
        else:
            messages.success(request, _("Your limits are saved and hold from now on."))
            return redirect("wallets:limits")
    return _limits_page(request, wallet, form, status=422)


def _ask_proof(wallet: Wallet, wishes: Wishes) -> HttpResponse:
    back = f"{reverse('wallets:limits')}?{urlencode(_as_typed(wallet, wishes))}"
    return redirect(f"{reverse('factors:step_up')}?{urlencode({'next': back})}")


def _form(wallet: Wallet, **kwargs: Any) -> OwnLimitsForm:
    rules, granted = bank_rules(wallet)
    hints = {}
    for name in Wishes.__slots__:
        most = rules[name]
        if most is None:
            hints[name] = _("Your class sets no limit")
        else:
            text = str(most) if name == "day_count" else amount_text(most, wallet.currency)
            is_granted = granted is not None and name in granted.rules
            says = _("The bank allows %(most)s") if is_granted else _("Your class allows %(most)s")
            hints[name] = says % {"most": text}
    return OwnLimitsForm(currency=wallet.currency, hints=hints, **kwargs)


def _as_typed(wallet: Wallet, wishes: Wishes) -> dict[str, str]:
    """The wishes as the form shows them; what is not set is empty."""
    return {
        name: ""
        if value is None
        else str(value if name == "day_count" else Money(value, wallet.currency))
        for name, value in asdict(wishes).items()
    }


def _limits_page(
    request: HttpRequest, wallet: Wallet, form: OwnLimitsForm, *, status: int
) -> HttpResponse:
    state = limit_state(wallet)
    raising = find_raising_class(wallet.wallet_class, "day")
    context = {
        "wallet": wallet,
        "limits": state,
        "form": form,
        "raising": raising,
        "lowered_text": lowered_text(state.lowered) if state.lowered else "",
        "granted_text": granted_text(state.granted) if state.granted else "",
        "how_to_raise": what_raises(state, "day") if raising and "day" not in state.own else "",
    }
    return render(request, "payments/wallets/limits.html", context, status=status)
