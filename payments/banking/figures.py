"""What an operator watches of the road to the bank."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min

from payments.banking.models import BankOrder
from payments.banking.states import OPEN_STATES


def open_orders(now: datetime) -> dict[str, tuple[int, datetime]]:
    """Orders that should have been taken up by now, by state: how many, and the longest due."""
    rows = (
        BankOrder.objects.filter(state__in=OPEN_STATES, next_at__lte=now)
        .order_by()
        .values("state")
        .annotate(orders=Count("pk"), oldest=Min("next_at"))
    )
    return {row["state"]: (row["orders"], row["oldest"]) for row in rows}
