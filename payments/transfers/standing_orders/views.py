"""Planned transfers: the list, one order, and the way to a new one."""

from __future__ import annotations

from contextlib import suppress
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.forms import Form
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.payment_password.errors import PaymentPasswordLocked
from accounts.payment_password.selectors import payment_password_state
from accounts.security.errors import Refusal
from accounts.security.forms import add_refusal
from accounts.security.sessions import current_session
from accounts.security.throttle import TooManyRequests
from accounts.users.models import User
from accounts.users.zones import zone_label
from ledger.money import Money
from payments.proving.errors import SecondProofNeeded
from payments.proving.step import begin_step
from payments.transfers.notices import list_unseen, mark_seen
from payments.transfers.standing_orders.changing import (
    cancel_order,
    change_amount,
    pause_order,
    resume_order,
    skip_date,
)
from payments.transfers.standing_orders.composing import authorise_order, compose_order
from payments.transfers.standing_orders.errors import (
    OrderFormUsedBefore,
    OrderMayNot,
    run_failure,
)
from payments.transfers.standing_orders.forms import (
    AmountForm,
    Ends,
    OrderAuthoriseForm,
    OrderForm,
    SeenForm,
    SkipForm,
)
from payments.transfers.standing_orders.models import StandingOrder
from payments.transfers.standing_orders.proving import amount_step, order_step
from payments.transfers.standing_orders.selectors import (
    find_waiting,
    forecast_wallet,
    get_order_for,
    list_arriving,
    list_ended,
    list_retried_ids,
    list_running,
    list_runs,
    list_upcoming,
)
from payments.transfers.standing_orders.states import OrderState
from payments.transfers.standing_orders.words import (
    end_text,
    moment_text,
    rhythm_text,
    zone_text,
)
from payments.transfers.typed import parse_amount
from payments.wallets.numbers import spaced_number
from payments.wallets.services import open_wallet

_FOLDER = "payments/transfers/standing_orders"


def _me(request: HttpRequest) -> User:
    """The person signed in; LoginRequiredMiddleware lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


@require_safe
def later(request: HttpRequest) -> HttpResponse:
    """Everything that is to come: transfers on their way, orders, what they need; and what did
    not happen."""
    me = _me(request)
    notices = list_unseen(me)
    retried = list_retried_ids(me)
    context = {
        "notices": [(notice, run_failure(notice.code)) for notice in notices],
        "seen_up_to": notices[0].pk if notices else None,
        "forecast": forecast_wallet(open_wallet(user=me)),
        "arriving": list_arriving(me),
        "running": [_line(order, retried) for order in list_running(me)],
        "ended": [_line(order, retried) for order in list_ended(me)],
    }
    return render(request, f"{_FOLDER}/later.html", context)


@require_POST
def seen(request: HttpRequest) -> HttpResponse:
    """What did not happen was read."""
    form = SeenForm(request.POST)
    if form.is_valid():
        mark_seen(_me(request), up_to=form.cleaned_data["up_to"])
    return redirect("standing_orders:later")


@require_http_methods(["GET", "HEAD", "POST"])
def compose(request: HttpRequest) -> HttpResponse:
    """A new order; `?change=` fills in one of one's own that was not authorised."""
    me = _me(request)
    zone_hint = gettext("On the clock of %(zone)s") % {"zone": zone_label(me.zone_name)}
    if request.method != "POST":
        form = OrderForm(initial=_initial(request, me), zone_hint=zone_hint)
        return render(request, f"{_FOLDER}/compose.html", {"form": form})
    form = OrderForm(request.POST, zone_hint=zone_hint)
    if form.is_valid():
        try:
            order = compose_order(
                user=me,
                payee_text=form.cleaned_data["payee"],
                amount_text=form.cleaned_data["amount"],
                note=form.cleaned_data["note"],
                timing=form.timing,
                compose_key=form.cleaned_data["compose_key"],
            )
        except TooManyRequests:
            raise
        except Refusal as refusal:
            _add_refusal(form, refusal)
            if isinstance(refusal, OrderFormUsedBefore):
                form.renew_key()
        else:
            return redirect("standing_orders:check", public_id=order.public_id)
    if "compose_key" in form.errors:
        form.renew_key()
    return render(request, f"{_FOLDER}/compose.html", {"form": form}, status=422)


@require_safe
def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All facts of the order before it is in force, with its first dates."""
    order = get_order_for(_me(request), public_id)
    if order.state != OrderState.DRAFT or order.is_overdue:
        return redirect("standing_orders:order", public_id=public_id)
    change_url = f"{reverse('standing_orders:compose')}?change={public_id}"
    context = _context(order) | {"change_url": change_url}
    return render(request, f"{_FOLDER}/check.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def authorise(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The payment password, once for all dates."""
    me = _me(request)
    order = get_order_for(me, public_id)
    if order.state != OrderState.DRAFT or order.is_overdue:
        return redirect("standing_orders:order", public_id=public_id)
    if request.method != "POST":
        if payment_password_state(me).is_locked:
            return redirect("processing:locked")
        return _authorise_page(request, order, OrderAuthoriseForm(), status=200)
    form = OrderAuthoriseForm(request.POST)
    if form.is_valid():
        try:
            authorise_order(
                order=order,
                raw_payment_password=form.cleaned_data["payment_password"],
                session=current_session(request),
            )
        except PaymentPasswordLocked:
            return redirect("processing:locked")
        except SecondProofNeeded:
            return begin_step(request, order_step(request, order))
        except Refusal as refusal:
            _add_refusal(form, refusal)
        else:
            return redirect("standing_orders:order", public_id=public_id)
    return _authorise_page(request, order, form, status=422)


@require_safe
def show(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """How an order stands: its next dates, its past ones, and what can be done."""
    order = get_order_for(_me(request), public_id)
    is_new = order.authorised_at is not None and not list_runs(order)
    waiting = find_waiting(order)
    context = _context(order) | {
        "runs": [
            (
                run,
                run_failure(run.reason) if run.reason else "",
                moment_text(run.due_at, order.zone),
            )
            for run in list_runs(order)
        ],
        "waiting": waiting,
        "waiting_why": run_failure(waiting.reason) if waiting and waiting.reason else "",
        "is_new": is_new and order.state == OrderState.ACTIVE,
        "is_expired": order.is_overdue or order.state == OrderState.EXPIRED,
        "may_cancel": order.is_running or waiting is not None,
    }
    return render(request, f"{_FOLDER}/order.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def amount(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Another amount from the next date on."""
    me = _me(request)
    order = get_order_for(me, public_id)
    if not order.is_running:
        return redirect("standing_orders:order", public_id=public_id)
    if payment_password_state(me).is_locked:
        return redirect("processing:locked")
    form = AmountForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            change_amount(
                order=order,
                amount_text=form.cleaned_data["amount"],
                raw_payment_password=form.cleaned_data["payment_password"],
                session=current_session(request),
            )
        except PaymentPasswordLocked:
            return redirect("processing:locked")
        except SecondProofNeeded:
            amount_minor = parse_amount(form.cleaned_data["amount"], order.currency).minor
            return begin_step(request, amount_step(request, order, amount_minor))
        except Refusal as refusal:
            _add_refusal(form, refusal)
        else:
            messages.success(request, gettext("The amount is changed, from the next date on."))
            return redirect("standing_orders:order", public_id=public_id)
    status = 422 if request.method == "POST" else 200
    context = _context(order) | {
        "form": form,
        "tries": payment_password_state(me),
        "is_proof_over": "over" in request.GET,
    }
    return render(request, f"{_FOLDER}/amount.html", context, status=status)


@require_POST
def pause(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Nothing more until it is resumed; its page says what came of that."""
    order = get_order_for(_me(request), public_id)
    with suppress(OrderMayNot):
        pause_order(order=order)
    return redirect("standing_orders:order", public_id=public_id)


@require_POST
def resume(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Go on with the next date."""
    order = get_order_for(_me(request), public_id)
    with suppress(OrderMayNot):
        resume_order(order=order)
    return redirect("standing_orders:order", public_id=public_id)


@require_POST
def skip(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Leave out the date that the page named."""
    order = get_order_for(_me(request), public_id)
    form = SkipForm(request.POST)
    if form.is_valid():
        with suppress(OrderMayNot):
            skip_date(order=order, index=form.cleaned_data["index"])
    return redirect("standing_orders:order", public_id=public_id)


@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """End it for good."""
    order = get_order_for(_me(request), public_id)
    with suppress(OrderMayNot):
        cancel_order(order=order)
    return redirect("standing_orders:order", public_id=public_id)


def _authorise_page(
    request: HttpRequest, order: StandingOrder, form: OrderAuthoriseForm, *, status: int
) -> HttpResponse:
    context = _context(order) | {
        "form": form,
        "tries": payment_password_state(order.created_by),
        "is_proof_over": "over" in request.GET,
    }
    return render(request, f"{_FOLDER}/authorise.html", context, status=status)


def _context(order: StandingOrder) -> dict[str, Any]:
    upcoming = list_upcoming(order)
    return {
        "order": order,
        "rhythm": rhythm_text(order),
        "end": end_text(order),
        "zone": zone_text(order),
        "is_other_zone": order.zone != timezone.get_current_timezone_name(),
        "sent_to": spaced_number(order.payee_typed),
        "upcoming": [(each, moment_text(each.due_at, order.zone)) for each in upcoming],
    }


def _line(order: StandingOrder, retried: set[int]) -> dict[str, Any]:
    following = order.next_due_at if order.state == OrderState.ACTIVE else None
    return {
        "order": order,
        "rhythm": rhythm_text(order),
        "next": moment_text(following, order.zone) if following else "",
        "is_retried": order.pk in retried,
    }


def _add_refusal(form: Form, refusal: Refusal) -> None:
    add_refusal(form, refusal)


def _initial(request: HttpRequest, me: User) -> dict[str, Any]:
    """What an earlier order of this person says; 404 for anybody else's."""
    try:
        public_id = UUID(request.GET["change"])
    except (KeyError, ValueError):
        return {}
    order = get_order_for(me, public_id)
    ends = Ends.ON if order.ends_on else Ends.TIMES if order.times else Ends.NEVER
    return {
        "payee": spaced_number(order.payee_typed),
        "amount": str(Money(order.amount_minor, order.currency)),
        "note": order.note,
        "repeats": order.repeats,
        "starts_on": order.starts_on,
        "at_time": order.at_time,
        "ends": ends,
        "ends_on": order.ends_on,
        "times": order.times,
    }
