"""What an operator watches of payments on their way. Reads the partial index of those alone."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from django.db.models import Count, Min, Sum

from payments.processing.kinds import list_kinds
from payments.processing.models import Payment
from payments.processing.states import PaymentState


@dataclass(frozen=True, slots=True)
class Pending:
    """Payments of a kind that were confirmed and have no end yet."""

    kind: str
    currency: str
    payments: int
    amount_minor: int
    oldest_at: datetime


def list_pending() -> list[Pending]:
    """What was confirmed and waits for an answer from outside: the money at risk. Payments that
    wait because their payer chose a later arrival, or for a person, are not among them."""
    rows = (
        Payment.objects.filter(
            state=PaymentState.PROCESSING, arrives_at=None, confirmed_at__isnull=False
        )
        .exclude(kind__in=[kind.code for kind in list_kinds() if kind.waits_for_people])
        .order_by()
        .values("kind", "currency")
        .annotate(payments=Count("pk"), amount=Sum("amount_minor"), oldest=Min("confirmed_at"))
    )
    return [
        Pending(row["kind"], row["currency"], row["payments"], row["amount"], row["oldest"])
        for row in rows
    ]


def oldest_overdue_arrival(now: datetime) -> datetime | None:
    """The arrival that should have been longest ago; None when none is overdue."""
    found: datetime | None = Payment.objects.filter(
        state=PaymentState.PROCESSING, arrives_at__lte=now
    ).aggregate(oldest=Min("arrives_at"))["oldest"]
    return found
