"""Home, activity, one record, its receipt, and the check of a receipt."""

from __future__ import annotations

import uuid
from typing import Any

from django.contrib.auth.decorators import login_not_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse, StreamingHttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone
from django.views.decorators.http import require_http_methods, require_safe

from accounts.caution.selectors import caution_of
from accounts.identity.selectors import full_name
from accounts.payment_password.selectors import payment_password_state
from accounts.security.addresses import client_address
from accounts.security.errors import Refusal
from accounts.security.selectors import list_events_for
from accounts.security.throttle import hit
from accounts.users.models import User
from payments.processing.errors import failure_message
from payments.processing.kinds import get_kind
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.records import lines, selectors
from payments.records.attention import find_tip
from payments.records.criteria import Criteria, Direction
from payments.records.cursors import Cursor
from payments.records.errors import ReceiptNotFound
from payments.records.export import write_csv
from payments.records.forms import ActivityFilterForm, VerifyForm
from payments.records.receipts import check_code, is_check_code, tidy
from payments.wallets.forecast import lowered_text
from payments.wallets.selectors import limit_state, wallet_balance
from payments.wallets.services import match_wallet_class, open_wallet

RECENT = 5


def _me(request: HttpRequest) -> User:
    """The person signed in; LoginRequiredMiddleware lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """Balance, what to look at, the last records, the month. The first visit opens the wallet,
    so a connection cut at the end of sign-up leaves nobody without one; a later one raises its
    class when the person has shown more of who they are since."""
    me = _me(request)
    wallet = match_wallet_class(user=me) or open_wallet(user=me)
    recent = lines.to_lines(me, selectors.list_recent(me, RECENT))
    lowered = limit_state(wallet).lowered if caution_of(me) else None
    context = {
        "wallet": wallet,
        "owner_name": full_name(me),
        "balance": wallet_balance(wallet),
        "tip": find_tip(me, wallet),
        "lowered_text": lowered_text(lowered) if lowered else "",
        "days": lines.to_days(recent, {}),
        "shops": [(shop, wallet_balance(shop)) for shop in selectors.list_shops(me)],
        "month": selectors.month_so_far(me),
        "today": timezone.localdate(),
        "last_sign_in": list_events_for(me).filter(kind="sign_in.ok").first(),
        "payment_password": payment_password_state(me),
    }
    return render(request, "payments/records/home.html", context)


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    """The records by day, filtered, twenty at a time."""
    me = _me(request)
    form = ActivityFilterForm(request.GET)
    context: dict[str, Any] = {"form": form}
    if not form.is_valid():
        return render(request, "payments/records/activity.html", context, status=422)
    criteria = _criteria(form)
    after = Cursor.parse(request.GET.get("after", ""))
    page = selectors.list_activity(me, criteria=criteria, after=after)
    found = lines.to_lines(me, page.payments)
    days = {timezone.localdate(line.moment) for line in found}
    context |= {
        "criteria": criteria,
        "totals": selectors.sum_up_page(me, criteria, page),
        "days": lines.to_days(found, selectors.sum_up_days(me, criteria, days)),
        "is_later_page": after is not None,
        "next_cursor": page.next_cursor,
        "asked": _asked(request),
    }
    return render(request, "payments/records/activity.html", context)


@require_safe
def export(request: HttpRequest) -> HttpResponseBase:
    """The records that the filters choose, as a CSV file, written while it is sent."""
    me = _me(request)
    form = ActivityFilterForm(request.GET)
    if not form.is_valid():
        return render(request, "payments/records/activity.html", {"form": form}, status=422)
    hit(action="records.export", person=str(me.public_id))
    response = StreamingHttpResponse(
        write_csv(me, _criteria(form)), content_type="text/csv; charset=utf-8"
    )
    name = f"wallet-records-{timezone.localdate():%Y%m%d}.csv"
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    response["Cache-Control"] = "no-store"
    return response


def _criteria(form: ActivityFilterForm) -> Criteria:
    data = form.cleaned_data
    return Criteria(
        direction=Direction(data["direction"]),
        kind=data["kind"],
        since=data["since"],
        until=data["until"],
        text=data["q"],
    )


def _asked(request: HttpRequest) -> str:
    """The filters as a query string, without the place in the list."""
    query = request.GET.copy()
    query.pop("after", None)
    return query.urlencode()


@require_safe
def entry(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """One record: facts, note, and how it came to stand where it stands."""
    me = _me(request)
    payment = selectors.get_payment_for(me, public_id)
    [line] = lines.to_lines(me, [payment])
    is_own = payment.created_by_id == me.pk
    context = {
        "payment": payment,
        "line": line,
        "changes": selectors.list_steps(payment) if is_own else [],
        "failure": _failure(payment) if is_own else "",
        "remark": get_kind(payment.kind).remark(payment) if is_own else "",
        "is_settled": payment.state == PaymentState.SUCCEEDED,
    }
    return render(request, "payments/records/entry.html", context)


def _failure(payment: Payment) -> str:
    """Why it failed, for the one who made it."""
    if payment.state != PaymentState.FAILED:
        return ""
    return failure_message(payment.failure_code, payment.failure_params)


@require_safe
def receipt(request: HttpRequest, public_id: uuid.UUID) -> HttpResponse:
    """The slip to print; only of what has settled."""
    me = _me(request)
    payment = selectors.get_payment_for(me, public_id)
    if payment.state != PaymentState.SUCCEEDED:
        raise Http404
    [line] = lines.to_lines(me, [payment])
    context = {
        "payment": payment,
        "line": line,
        "my_name": full_name(me),
        "my_wallet": payment.payee_wallet if line.is_incoming else payment.payer_wallet,
        "check_code": check_code(payment),
        "verify_address": request.get_host() + reverse("records:verify"),
    }
    return render(request, "payments/records/receipt.html", context)


@login_not_required
@require_http_methods(["GET", "HEAD", "POST"])
def verify(request: HttpRequest) -> HttpResponse:
    """Whether a receipt is ours; for anybody who holds one. Never says why it is not."""
    form = VerifyForm(request.POST or None)
    context: dict[str, Any] = {"form": form}
    status = 200
    if request.method == "POST":
        status = 422
        if form.is_valid():
            hit(action="receipt.verify", address=client_address(request))
            try:
                context["payment"] = _check(**form.cleaned_data)
                status = 200
            except Refusal as refusal:
                form.add_error(None, ValidationError(refusal.message, code=refusal.code))
    return render(request, "payments/records/verify.html", context, status=status)


def _check(*, reference: str, check_code: str) -> Payment:
    payment = selectors.find_settled(tidy(reference))
    if payment is None or not is_check_code(payment, check_code):
        raise ReceiptNotFound
    return payment
