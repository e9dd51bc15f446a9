"""The second proof of a planned transfer: for the plan, and for a higher amount of it."""

from __future__ import annotations

from uuid import UUID

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from accounts.security.sessions import current_session, signed_in_user
from payments.proving.step import Step, prove_step
from payments.transfers.standing_orders.changing import ask_of_amount, change_amount_proved
from payments.transfers.standing_orders.composing import ask_of_order, authorise_order_proved
from payments.transfers.standing_orders.models import StandingOrder
from payments.transfers.standing_orders.selectors import get_order_for
from payments.transfers.standing_orders.states import OrderState


@require_http_methods(["GET", "HEAD", "POST"])
def prove(request: HttpRequest, public_id: UUID) -> HttpResponse:
    """After the payment password and before the plan is in force."""
    order = get_order_for(signed_in_user(request), public_id)
    if order.state != OrderState.DRAFT or order.is_overdue:
        return redirect("standing_orders:order", public_id=public_id)
    return prove_step(request, order_step(request, order))


@require_http_methods(["GET", "HEAD", "POST"])
def prove_amount(request: HttpRequest, public_id: UUID, amount_minor: int) -> HttpResponse:
    """After the payment password and before the higher amount holds."""
    order = get_order_for(signed_in_user(request), public_id)
    if not order.is_running or order.amount_minor == amount_minor:
        return redirect("standing_orders:order", public_id=public_id)
    return prove_step(request, amount_step(request, order, amount_minor))


def order_step(request: HttpRequest, order: StandingOrder) -> Step:
    """Where the proof of a plan stands between its pages."""
    at = {"public_id": order.public_id}
    return Step(
        ask=ask_of_order(order),
        finish=lambda: authorise_order_proved(order=order, session=current_session(request)),
        prove_url=reverse("standing_orders:prove", kwargs=at),
        authorise_url=reverse("standing_orders:authorise", kwargs=at),
        done_url=reverse("standing_orders:order", kwargs=at),
        title=gettext("Planned transfer"),
        icon="calendar",
    )


def amount_step(request: HttpRequest, order: StandingOrder, amount_minor: int) -> Step:
    """The same for another amount; the address names it, and the proof is bound to it."""
    at = {"public_id": order.public_id}
    return Step(
        ask=ask_of_amount(order, amount_minor),
        finish=lambda: change_amount_proved(
            order=order, amount_minor=amount_minor, session=current_session(request)
        ),
        prove_url=reverse(
            "standing_orders:prove_amount", kwargs={**at, "amount_minor": amount_minor}
        ),
        authorise_url=reverse("standing_orders:amount", kwargs=at),
        done_url=reverse("standing_orders:order", kwargs=at),
        title=gettext("New amount of a planned transfer"),
        icon="calendar",
    )
