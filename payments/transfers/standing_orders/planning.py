"""From an order to the rows of its dates. The clock calls this; nothing is paid here.

What happens after our systems were down: the newest date that was missed is made up for as long as
it is not older than `late_seconds`; older ones are written down as missed, and the owner is told.
Several at once would empty a wallet its owner had filled for one.

A clock that jumps ahead plans dates that have not come yet, and one that goes back is noticed by
`planned_at`: `rewind` then takes back what was planned but not paid. What was paid stays paid, and
its row keeps it from being paid again.
"""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.security.sweeping import do_each, each_due
from payments.processing.retries import in_one_transaction
from payments.transfers.notices import take_back, tell_payer
from payments.transfers.standing_orders.models import StandingOrder, StandingRun
from payments.transfers.standing_orders.states import OrderState, RunState

logger = logging.getLogger(__name__)

# Rows of missed dates that are written for one order at once; a daily one may have missed years.
_MOST_MISSED = 31
# Servers differ by less than this; more is a clock that went back.
_CLOCK_SLACK = timedelta(seconds=60)


def plan_due_dates() -> int:
    """Write the rows of all dates that have come, earliest first; returns how many orders had
    any. Two workers at once: an order that one of them holds is left to it."""
    now = timezone.now()
    _rewind_all(now)
    due = StandingOrder.objects.filter(state=OrderState.ACTIVE, next_due_at__lte=now)
    done = 0
    for order_id in each_due(due, by="next_due_at"):
        try:
            done += plan_order(order_id=order_id)
        except Exception:
            logger.exception("standing order %s could not be planned", order_id)
    return done


def plan_order(*, order_id: int) -> bool:
    """Write the rows of one order's dates that have come; whether there were any."""

    def work() -> bool:
        now = timezone.now()
        due = StandingOrder.objects.filter(state=OrderState.ACTIVE, next_due_at__lte=now)
        order = _claim(due, order_id)
        if order is None:
            return False
        following = order.rhythm.index_after(now)
        newest = following - 1
        if order.rhythm.moment_of(newest) is None:
            newest = _last_index(order, newest)
        for index in range(max(order.next_index, newest - _MOST_MISSED), newest + 1):
            _write_run(order, index, is_newest=index == newest, now=now)
        move_on(order, following, now=now)
        return True

    return in_one_transaction(work)


def move_on(order: StandingOrder, index: int, *, now: datetime) -> None:
    """Point the order at its date `index`, or the first after it that has no row yet; an order
    without one is finished. Under the order's lock."""
    taken = set(
        order.runs.filter(due_on__gte=order.rhythm.day_of(index) or now.date()).values_list(
            "due_on", flat=True
        )
    )
    while (day := order.rhythm.day_of(index)) is not None and day in taken:
        index += 1
    order.next_index = index
    order.next_due_at = order.rhythm.moment_of(index)
    order.planned_at = now
    if order.next_due_at is None:
        order.state = OrderState.FINISHED
        order.ended_at = now
    order.save(update_fields=["next_index", "next_due_at", "planned_at", "state", "ended_at"])


def _rewind_all(now: datetime) -> None:
    """Bring back orders that were planned by a clock that had jumped ahead."""
    ahead = StandingOrder.objects.filter(planned_at__gt=now + _CLOCK_SLACK)

    def bring_back(order_id: int) -> int:
        rewind(order_id=order_id)
        return 1

    do_each(each_due(ahead, by="planned_at"), bring_back, what="standing order")
    patience = timedelta(seconds=2 * settings.STANDING_ORDERS["retry_seconds"])
    StandingRun.objects.filter(state=RunState.WAITING, next_try_at__gt=now + patience).exclude(
        due_at__gt=now
    ).update(next_try_at=now)


def rewind(*, order_id: int) -> None:
    """Take back what was planned for later than now and is not paid."""

    def work() -> None:
        now = timezone.now()
        order = _claim(StandingOrder.objects.filter(planned_at__gt=now + _CLOCK_SLACK), order_id)
        if order is None:
            return
        ahead = order.runs.filter(due_at__gt=now, payment=None)
        for run in ahead.filter(state__in=(RunState.MISSED, RunState.WAITING)):
            take_back(notice_key(run, order))
            run.delete()
        order.planned_at = now
        order.save(update_fields=["planned_at"])
        if order.state in (OrderState.ACTIVE, OrderState.FINISHED):
            order.state, order.ended_at = OrderState.ACTIVE, None
            move_on(order, order.rhythm.index_after(now), now=now)

    in_one_transaction(work)


def _claim(orders: QuerySet[StandingOrder], order_id: int) -> StandingOrder | None:
    rows = orders.select_for_update(of=("self",), skip_locked=True, no_key=True)
    return rows.select_related("created_by").filter(pk=order_id).first()


def _last_index(order: StandingOrder, index: int) -> int:
    """The number of the last date at or before `index`: the order ended in between."""
    while index >= order.next_index and order.rhythm.day_of(index) is None:
        index -= 1
    return index


def _write_run(order: StandingOrder, index: int, *, is_newest: bool, now: datetime) -> None:
    day, due_at = order.rhythm.day_of(index), order.rhythm.moment_of(index)
    assert day is not None and due_at is not None
    late = timedelta(seconds=settings.STANDING_ORDERS["late_seconds"])
    is_missed = not is_newest or now - due_at > late
    run, is_new = StandingRun.objects.get_or_create(
        order=order,
        due_on=day,
        defaults={
            "due_at": due_at,
            "next_try_at": now,
            "give_up_at": order.rhythm.end_of_day(now),
            "state": RunState.MISSED if is_missed else RunState.WAITING,
            "reason": "standing.missed" if is_missed else "",
            "ended_at": now if is_missed else None,
        },
    )
    if is_new and is_missed:
        tell_run(run, order)


def notice_key(run: StandingRun, order: StandingOrder) -> str:
    """Of one date is told once."""
    return f"run:{order.public_id}:{run.due_on.isoformat()}"


def tell_run(run: StandingRun, order: StandingOrder) -> None:
    """Tell the owner that a date did not happen."""
    tell_payer(
        owner=order.created_by,
        key=notice_key(run, order),
        code=run.reason,
        party=order.counterparty_label,
        amount_minor=order.amount_minor,
        currency=order.currency,
        due_at=run.due_at,
    )
