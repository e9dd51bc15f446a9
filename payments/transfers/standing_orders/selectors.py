"""Reading standing orders. Every object comes through the person who asks."""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from django.db.models import Q, Sum
from django.db.models.functions import Coalesce
from django.http import Http404
from django.utils import timezone

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.transfers.kinds import TRANSFER
from payments.transfers.standing_orders.models import StandingOrder, StandingRun
from payments.transfers.standing_orders.states import OrderState, RunState
from payments.wallets.models import Wallet
from payments.wallets.selectors import wallet_balance

_ENDED_SHOWN = 10
_RUNS_SHOWN = 24
_FORECAST = timedelta(days=7)


@dataclass(frozen=True, slots=True)
class Upcoming:
    """One date that is to come; `day` and `clock` are those of the order's zone."""

    order: StandingOrder
    index: int
    day: date
    due_at: datetime


@dataclass(frozen=True, slots=True)
class Forecast:
    """What is needed until `by` for what is planned, and how much of it is missing now."""

    needs_minor: int
    count: int
    by: datetime
    short_minor: int


def get_order_for(user: User, public_id: UUID) -> StandingOrder:
    """The order this person made. Raises Http404 for any other, as for none."""
    order = (
        StandingOrder.objects.select_related("payer_wallet", "payee_wallet", "created_by")
        .filter(public_id=public_id, created_by=user)
        .first()
    )
    if order is None:
        raise Http404
    return order


def list_running(user: User) -> list[StandingOrder]:
    """Orders in force or paused, the next date first."""
    orders = StandingOrder.objects.filter(
        created_by=user, state__in=(OrderState.ACTIVE, OrderState.PAUSED)
    )
    far = timezone.now() + timedelta(days=400_000)
    return sorted(orders, key=lambda order: (order.next_due_at or far, order.pk))


def list_ended(user: User) -> list[StandingOrder]:
    """The last orders that finished or were cancelled."""
    orders = StandingOrder.objects.filter(
        created_by=user, state__in=(OrderState.FINISHED, OrderState.CANCELLED)
    )
    return list(orders.order_by("-ended_at", "-pk")[:_ENDED_SHOWN])


def list_arriving(user: User) -> list[Payment]:
    """Transfers this person confirmed that arrive later, the first first."""
    payments = Payment.objects.filter(
        created_by=user, kind=TRANSFER, state=PaymentState.PROCESSING, arrives_at__isnull=False
    )
    return list(payments.order_by("arrives_at", "pk")[:50])


def promised_to(payer: Wallet, payees: Collection[int]) -> Counter[int]:
    """What plans without a second proof will pay to these wallets (pk) next: of each the amount of
    one date, and what is being retried. In one statement, beside which dates may be planned."""
    retried = Q(runs__state=RunState.WAITING) & (
        Q(runs__payment=None) | Q(runs__payment__state=PaymentState.CREATED)
    )
    orders = StandingOrder.objects.filter(
        payer_wallet=payer,
        payee_wallet__in=payees,
        is_proved=False,
        state__in=(OrderState.ACTIVE, OrderState.PAUSED, OrderState.FINISHED),
    ).annotate(
        retried=Sum(
            Coalesce("runs__payment__amount_minor", "amount_minor"), filter=retried, default=0
        )
    )
    sums: Counter[int] = Counter()
    for order in orders:
        sums[order.payee_wallet_id] += order.retried + order.amount_minor * order.is_running
    return sums


def list_runs(order: StandingOrder) -> list[StandingRun]:
    """The latest dates that were paid, failed, were skipped or missed, newest first."""
    return list(order.runs.select_related("payment").order_by("-due_on")[:_RUNS_SHOWN])


def find_waiting(order: StandingOrder) -> StandingRun | None:
    """The date that could not be paid yet and is being retried."""
    return order.runs.filter(state=RunState.WAITING).order_by("-due_on").first()


def list_retried_ids(user: User) -> set[int]:
    """The orders of this person of which a date is being retried."""
    waiting = StandingRun.objects.filter(order__created_by=user, state=RunState.WAITING)
    return set(waiting.values_list("order_id", flat=True))


def list_upcoming(order: StandingOrder, *, most: int = 5) -> list[Upcoming]:
    """Its next dates; none while it does not run. A draft shows what would be."""
    if order.state not in (OrderState.ACTIVE, OrderState.DRAFT):
        return []
    found: list[Upcoming] = []
    for index in range(order.next_index, order.next_index + most):
        day, due_at = order.rhythm.day_of(index), order.rhythm.moment_of(index)
        if day is None or due_at is None:
            break
        found.append(Upcoming(order, index, day, due_at))
    return found


def forecast_wallet(wallet: Wallet) -> Forecast | None:
    """What the plans of the next seven days need, dates that are being retried included."""
    now = timezone.now()
    needed: list[tuple[datetime, int]] = []
    for order in StandingOrder.objects.filter(payer_wallet=wallet, state=OrderState.ACTIVE):
        needed += [
            (upcoming.due_at, order.amount_minor)
            for upcoming in list_upcoming(order, most=8)
            if upcoming.due_at <= now + _FORECAST
        ]
    waiting = StandingRun.objects.filter(
        order__payer_wallet=wallet, state=RunState.WAITING
    ).select_related("order")
    needed += [(max(run.next_try_at, now), run.order.amount_minor) for run in waiting]
    if not needed:
        return None
    available = wallet_balance(wallet).available_minor
    total, by = 0, now
    for due_at, amount_minor in sorted(needed):
        total, by = total + amount_minor, due_at
        if total > available:
            # The first date for which the money does not suffice is the one to know.
            break
    count = sum(due_at <= by for due_at, _amount in needed)
    return Forecast(total, count, by, max(total - available, 0))
