"""The page on which a transfer is prepared."""

from __future__ import annotations

from uuid import UUID

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.throttle import TooManyRequests
from accounts.users.models import User
from ledger.money import Money
from payments.processing.errors import FormUsedBefore
from payments.processing.selectors import get_payment_for, list_recent_payees
from payments.transfers.errors import PayeeUnknown
from payments.transfers.forms import TransferForm
from payments.transfers.kinds import TRANSFER
from payments.transfers.services import compose_transfer
from payments.wallets.amounts import amount_text
from payments.wallets.models import Wallet
from payments.wallets.numbers import spaced_number
from payments.wallets.selectors import is_mobile, limit_state, wallet_balance
from payments.wallets.services import open_wallet


@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """What to send to whom and when; then the check page. `?change=` and `?again=` fill in a
    payment of one's own."""
    assert isinstance(request.user, User)
    me = request.user
    wallet = open_wallet(user=me)
    hint = _amount_hint(me, wallet)
    if request.method != "POST":
        form = TransferForm(initial=_initial(request, me), amount_hint=hint)
        return _page(request, form, wallet, status=200)
    form = TransferForm(request.POST, amount_hint=hint)
    may_wait = False
    if form.is_valid():
        try:
            payment = compose_transfer(
                user=me,
                payee_text=form.cleaned_data["payee"],
                amount_text=form.cleaned_data["amount"],
                note=form.cleaned_data["note"],
                compose_key=form.cleaned_data["compose_key"],
                arrival=form.cleaned_data["arrival"],
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            may_wait = isinstance(refusal, PayeeUnknown) and is_mobile(form.cleaned_data["payee"])
            add_refusal(form, refusal)
            if isinstance(refusal, FormUsedBefore):
                form.renew_key()
        else:
            return redirect("processing:check", public_id=payment.public_id)
    if "compose_key" in form.errors:
        form.renew_key()
    return _page(request, form, wallet, status=422, offers_waiting=may_wait)


def _page(
    request: HttpRequest,
    form: TransferForm,
    wallet: Wallet,
    *,
    status: int,
    offers_waiting: bool = False,
) -> HttpResponse:
    """`offers_waiting`: the number has no wallet, and money could wait for its owner."""
    context = {
        "form": form,
        "wallet": wallet,
        "offer_hours": settings.PAYMENTS["unclaimed"]["ttl_seconds"] // 3600
        if offers_waiting
        else 0,
        "recent": list_recent_payees(wallet, kind=TRANSFER),
    }
    return render(request, "payments/transfers/compose.html", context, status=status)


def _initial(request: HttpRequest, me: User) -> dict[str, str]:
    """What an earlier payment of this person says; 404 for anybody else's."""
    for name in ("change", "again"):
        try:
            public_id = UUID(request.GET[name])
        except (KeyError, ValueError):
            continue
        payment = get_payment_for(me, public_id)
        if payment.kind != TRANSFER:
            continue
        initial = {"payee": spaced_number(payment.payee_typed)}
        if name == "change":
            amount = Money(payment.amount_minor, payment.currency)
            initial |= {
                "amount": str(amount),
                "note": payment.note,
                "arrival": str(payment.delay_seconds),
            }
        return initial
    return {}


def _amount_hint(me: User, wallet: Wallet) -> str:
    """What is there, unless amounts are hidden, and what the limits leave for one payment."""
    available = amount_text(wallet_balance(wallet).available_minor, wallet.currency)
    most = limit_state(wallet).most_now
    limit = "" if most is None else amount_text(most, wallet.currency)
    if me.hide_amounts:
        said = gettext("Your limits leave %(most)s for one payment now")
        return said % {"most": limit} if limit else ""
    if not limit:
        return gettext("Available %(available)s") % {"available": available}
    return gettext("Available %(available)s; your limits leave %(most)s for one payment now") % {
        "available": available,
        "most": limit,
    }
