"""The classes of a wallet: what each gives, where its owner stands, what comes next."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from accounts.users.models import User
from payments.wallets.forecast import RAISE_PAGES
from payments.wallets.models import Wallet
from payments.wallets.services import match_wallet_class, open_wallet

_NEEDS: dict[str, str | Promise] = {
    "IV": _("Your phone number"),
    "III": _("Your name and ID number"),
    "II": _("A bank card of your own"),
    "I": _("Your identity checked in person at a branch, by two of our staff"),
}
_STEPS: dict[str, str | Promise] = {
    "III": _("Add name and ID number"),
    "II": _("Add a bank card"),
}


@dataclass(frozen=True, slots=True)
class Level:
    """One class as the page shows it; `limits` in minor units, None for no limit."""

    name: str
    title: str
    needs: str | Promise
    limits: dict[str, Any]
    is_here: bool
    is_reached: bool
    is_next: bool


@require_safe
def level(request: HttpRequest) -> HttpResponse:
    """Every class from IV to I; the next step has its button."""
    assert isinstance(request.user, User)
    wallet = match_wallet_class(user=request.user) or open_wallet(user=request.user)
    names = list(_NEEDS)
    here = names.index(wallet.wallet_class)
    titles = {str(value): str(label) for value, label in Wallet.WalletClass.choices}
    following = names[here + 1] if here + 1 < len(names) else ""
    context = {
        "wallet": wallet,
        "levels": [
            Level(
                name=name,
                title=titles[name],
                needs=_NEEDS[name],
                limits=settings.LIMITS[name],
                is_here=place == here,
                is_reached=place <= here,
                is_next=name == following,
            )
            for place, name in enumerate(names)
        ],
        "following": following,
        "following_needs": _NEEDS.get(following, ""),
        "step": _STEPS.get(following, ""),
        "step_url": reverse(RAISE_PAGES[following]) if following in RAISE_PAGES else "",
    }
    return render(request, "payments/wallets/level.html", context)
