"""Check, authorise, result: the same three pages for every kind of payment."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
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
from payments.processing.composing import ask_of
from payments.processing.errors import PaymentMayNot, failure_message
from payments.processing.forms import AuthoriseForm
from payments.processing.kinds import get_kind
from payments.processing.models import Payment
from payments.processing.retries import in_one_transaction
from payments.processing.selectors import (
    find_interrupted,
    get_payment_for,
    get_payment_to_confirm,
)
from payments.processing.services import (
    cancel_payment,
    confirm_payment,
    confirm_proved,
    stop_payment,
)
from payments.processing.states import TERMINAL, PaymentState
from payments.proving.errors import SecondProofNeeded
from payments.proving.step import Step, begin_step, prove_step
from payments.wallets.amounts import amount_text
from payments.wallets.forecast import forecast_payment
from payments.wallets.selectors import wallet_balance

RESULT_TEMPLATES = {
    PaymentState.CREATED: "payments/processing/unpaid.html",
    PaymentState.PROCESSING: "payments/processing/pending.html",
    PaymentState.SUCCEEDED: "payments/processing/succeeded.html",
    PaymentState.FAILED: "payments/processing/ended.html",
    PaymentState.CANCELLED: "payments/processing/ended.html",
    PaymentState.EXPIRED: "payments/processing/ended.html",
}
# Pending pages ask again every 5 s for a minute, then every 30 s (design, flow 7).
ASK_SOON = timedelta(minutes=1)
SOON_SECONDS, LATER_SECONDS = 5, 30
# A confirmation whose answer did not come: how often its page looks whether it arrived.
MOST_SENT_TURNS = 12


def _me(request: HttpRequest) -> User:
    """The person signed in; LoginRequiredMiddleware lets nobody else in."""
    assert isinstance(request.user, User)
    return request.user


@require_safe
def check(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """All facts of the payment before anything happens."""
    payment = get_payment_for(_me(request), public_id)
    if payment.shown_state != PaymentState.CREATED:
        return redirect("processing:result", public_id=public_id)
    kind = get_kind(payment.kind)
    payer = payment.payer_wallet
    context = _context(payment) | {
        "facts": kind.facts(payment),
        "forecast": forecast_payment(wallet=payer, amount_minor=payment.amount_minor)
        if payer
        else None,
        "change_url": kind.change_url(payment),
        "caution": kind.caution(payment),
    }
    return render(request, "payments/processing/check.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def authorise(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The amount, and the payment password. Only this POST moves money, or, where the payer's
    rules want a second proof, the one of `prove`."""
    me = _me(request)
    find = get_payment_to_confirm if request.method == "POST" else get_payment_for
    payment = find(me, public_id)
    if payment.shown_state != PaymentState.CREATED:
        return redirect("processing:result", public_id=public_id)
    if request.method != "POST":
        if payment_password_state(me).is_locked:
            return _to_locked(payment)
        return _authorise_page(request, payment, AuthoriseForm(), status=200)
    form = AuthoriseForm(request.POST)
    refusal_code = ""
    if form.is_valid():
        try:
            confirm_payment(
                payment=payment,
                raw_payment_password=form.cleaned_data["payment_password"],
                session=current_session(request),
            )
        except PaymentPasswordLocked:
            return _to_locked(payment)
        except SecondProofNeeded:
            return begin_step(request, _step(request, payment))
        except Refusal as refusal:
            add_refusal(form, refusal)
            refusal_code = refusal.code
        else:
            return redirect("processing:result", public_id=public_id)
    return _authorise_page(request, payment, form, status=422, refusal_code=refusal_code)


@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The second proof, after the payment password and before any money moves."""
    payment = get_payment_for(_me(request), public_id)
    if payment.shown_state != PaymentState.CREATED:
        return redirect("processing:result", public_id=public_id)
    return prove_step(request, _step(request, payment))


def _step(request: HttpRequest, payment: Payment) -> Step:
    kind = get_kind(payment.kind)
    at = {"public_id": payment.public_id}
    return Step(
        ask=ask_of(payment),
        finish=lambda: confirm_proved(payment=payment, session=current_session(request)),
        prove_url=reverse("processing:prove", kwargs=at),
        authorise_url=reverse("processing:authorise", kwargs=at),
        done_url=reverse("processing:result", kwargs=at),
        title=kind.title,
        icon=kind.icon,
    )


@require_safe
def result(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """What became of the payment: the truth, whenever and from wherever it is asked.

    `?sent=` comes from a page whose confirmation was not answered: it may still be on its way, so
    for a minute an unpaid payment reads as "checking" instead of "not paid yet".
    """
    payment = get_payment_for(_me(request), public_id)
    state = PaymentState(payment.shown_state)
    kind = get_kind(payment.kind)
    context = _context(payment) | {"state": state, "remark": kind.remark(payment)}
    template = RESULT_TEMPLATES[state]
    if state is PaymentState.PROCESSING:
        template = kind.pending_template
        age = timezone.now() - (payment.confirmed_at or payment.created_at)
        context |= {
            "refresh_seconds": SOON_SECONDS if age < ASK_SOON else LATER_SECONDS,
            "may_stop": kind.may_stop(payment),
            "may_ask": kind.ask is not None,
            **kind.pending(payment),
        }
    elif state is PaymentState.CREATED:
        turn = _sent_turn(request)
        context["is_unanswered"] = turn > MOST_SENT_TURNS
        if 0 < turn <= MOST_SENT_TURNS:
            template = "payments/processing/sent.html"
            context |= {"refresh_seconds": SOON_SECONDS, "next_turn": turn + 1}
    elif state is PaymentState.FAILED:
        context["failure"] = failure_message(payment.failure_code, payment.failure_params)
    if state in TERMINAL:
        context["again_url"] = kind.change_url(payment)
    return render(request, template, context)


@require_safe
def resume(request: HttpRequest) -> HttpResponse:
    """To the payment that was interrupted last; to the activity, if none was."""
    payment = find_interrupted(_me(request))
    if payment is not None:
        return redirect("processing:result", public_id=payment.public_id)
    messages.info(
        request, gettext("No payment of yours is unfinished. Here is everything that was paid.")
    )
    return redirect("records:activity")


def _sent_turn(request: HttpRequest) -> int:
    """How often the page has looked for a confirmation that may be on its way; 0: there is none."""
    text = request.GET.get("sent", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 4 else 0


@require_POST
def ask(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """Ask who decides about a payment on its way, now; the result page says what came of that."""
    payment = get_payment_for(_me(request), public_id)
    kind = get_kind(payment.kind)
    if payment.state == PaymentState.PROCESSING and kind.ask is not None:
        try:
            kind.ask(payment)
        except TooManyRequests:
            messages.info(request, gettext("We asked a moment ago. This page asks by itself."))
    return redirect("processing:result", public_id=public_id)


@require_POST
def cancel(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The payer thinks better of it; the result page says what came of that."""
    payment = get_payment_for(_me(request), public_id)
    # Refused when it was paid or ended meanwhile: its page tells.
    with suppress(PaymentMayNot):
        cancel_payment(payment=payment)
    return redirect("processing:result", public_id=public_id)


@require_POST
def stop(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """The payer stops a payment on its way; the result page says what came of that."""
    me = _me(request)
    payment = get_payment_for(me, public_id)

    def work() -> Payment:
        return stop_payment(payment_id=payment.pk, by=me, reason="stopped by payer")

    with suppress(PaymentMayNot):
        in_one_transaction(work)
    return redirect("processing:result", public_id=public_id)


@require_safe
def locked(request: HttpRequest) -> HttpResponse:
    """Why payments are paused, until when, and the ways out. Over: straight back to the task."""
    me = _me(request)
    payment = _payment_in_query(request, me)
    state = payment_password_state(me)
    if not state.is_locked:
        if payment is not None:
            return redirect("processing:authorise", public_id=payment.public_id)
        return redirect("records:home")
    context: dict[str, Any] = {"state": state, "payment": payment}
    if state.locked_until is not None:
        context["seconds_left"] = int((state.locked_until - timezone.now()).total_seconds()) + 1
    return render(request, "payments/processing/locked.html", context)


def _authorise_page(
    request: HttpRequest,
    payment: Payment,
    form: AuthoriseForm,
    *,
    status: int,
    refusal_code: str = "",
) -> HttpResponse:
    kind = get_kind(payment.kind)
    amount = amount_text(payment.amount_minor, payment.currency)
    context = _context(payment) | {
        "form": form,
        "refusal_code": refusal_code,
        "change_url": kind.change_url(payment),
        "is_proof_over": "over" in request.GET,
        "confirm_label": str(kind.confirm_label) % {"amount": amount},
        "tries": payment_password_state(payment.created_by),
        "balance": wallet_balance(payment.payer_wallet) if payment.payer_wallet else None,
    }
    return render(request, "payments/processing/authorise.html", context, status=status)


def _context(payment: Payment) -> dict[str, Any]:
    kind = get_kind(payment.kind)
    name = payment.counterparty_label
    return {
        "payment": payment,
        "kind": kind,
        "done_lede": str(kind.done_lede) % {"name": name} if kind.done_lede and name else "",
    }


def _to_locked(payment: Payment) -> HttpResponse:
    return redirect(f"{reverse('processing:locked')}?pay={payment.public_id}")


def _payment_in_query(request: HttpRequest, me: User) -> Payment | None:
    """The payment that was interrupted, if the address names one of this person's."""
    try:
        public_id = UUID(request.GET["pay"])
    except (KeyError, ValueError):
        return None
    return get_payment_for(me, public_id)
