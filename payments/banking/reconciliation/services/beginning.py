"""Since when statements show every movement.

The first statement of an account that was in use before opens with a balance, and everything that
made that balance stands on no statement. It is taken at its word: the moment is looked for at
which the books had exactly that balance, on that day or at its beginning.
"""

from __future__ import annotations

from datetime import datetime, time, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Case, F, Q, QuerySet, Sum, Value, When

from payments.banking.bookings import ADJUSTMENT_KIND
from payments.banking.models import BankOrder, BankReturn
from payments.banking.reconciliation.models import BankStatement, EntryOutcome
from payments.banking.reconciliation.services.statements import STATEMENT_KIND
from payments.banking.reconciliation.states import EntryResult
from payments.banking.states import PAID_STATES, OrderKind, OrderState
from payments.processing.models import Payment
from payments.processing.states import PaymentState

# (when, what it did to the account in minor units)
Event = tuple[datetime, int]


def find_beginning(books_minor: int) -> datetime | None:
    """The moment before which nothing is looked for on a statement; None: there is no such.

    `books_minor`: what the books say now.
    """
    first = (
        BankStatement.objects.filter(account=settings.BANK_FILES["account"], kind=STATEMENT_KIND)
        .order_by("closed_on", "sequence", "pk")
        .first()
    )
    if first is None or not first.opening_minor or first.closed_on is None:
        return None
    day = datetime.combine(first.closed_on, time.min, tzinfo=ZoneInfo(settings.BANK_FILES["zone"]))
    next_day = day + timedelta(days=1)
    balance = books_minor - _sum_since(next_day)
    events = _events_between(day, next_day)
    if balance - sum(minor for _at, minor in events) == first.opening_minor:
        return day
    return _find_cut(events, balance, first) or day


def _find_cut(events: list[Event], balance: int, first: BankStatement) -> datetime | None:
    """The latest moment of the day with the opening balance, before what the statement shows."""
    shown = EntryOutcome.objects.filter(
        entry__statement=first, result=EntryResult.MATCHED
    ).order_by("order__finished_at")
    earliest = shown.values_list("order__finished_at", flat=True).first()
    for at, minor in sorted(events, reverse=True):
        balance -= minor
        if balance == first.opening_minor and (earliest is None or at <= earliest):
            return at
    return None


def _moves() -> list[tuple[QuerySet[Any], str, Any]]:
    """What moves the clearing account: rows, when, how much, with its sign."""
    orders = BankOrder.objects.filter(state__in=PAID_STATES)
    returns = BankReturn.objects.filter(order__state=OrderState.RETURNED)
    corrections = Payment.objects.filter(kind=ADJUSTMENT_KIND, state=PaymentState.SUCCEEDED)
    return [
        (orders, "finished_at", _signed(Q(kind=OrderKind.COLLECT), "amount_minor")),
        (returns, "created_at", F("order__amount_minor")),
        (corrections, "succeeded_at", _signed(Q(payer_wallet=None), "amount_minor")),
    ]


def _signed(comes: Q, name: str) -> Case:
    return Case(When(comes, then=F(name)), default=Value(0) - F(name))


def _sum_since(moment: datetime) -> int:
    total = 0
    for rows, when, signed in _moves():
        found = rows.filter(**{f"{when}__gte": moment}).aggregate(total=Sum(signed))
        total += int(found["total"] or 0)
    return total


def _events_between(start: datetime, end: datetime) -> list[Event]:
    events: list[Event] = []
    for rows, when, signed in _moves():
        found = rows.filter(**{f"{when}__gte": start, f"{when}__lt": end})
        events += found.annotate(signed_minor=signed).values_list(when, "signed_minor")
    return events
