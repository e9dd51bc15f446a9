"""The page at the end of sign-up."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from accounts.users.models import User
from payments.wallets.selectors import limit_state, wallet_balance
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
    }
    return render(request, "payments/wallets/opened.html", context)
