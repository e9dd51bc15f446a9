"""What an operator watches of support."""

from __future__ import annotations

from datetime import datetime

from django.db.models import Count, Min

from accounts.cases.models import Case
from accounts.cases.states import OUR_TURN


def waiting_cases() -> dict[str, tuple[int, datetime]]:
    """Cases whose customer waits for us, by state: how many, and since when the longest."""
    rows = (
        Case.objects.filter(waiting_since__isnull=False, state__in=OUR_TURN)
        .order_by()
        .values("state")
        .annotate(cases=Count("pk"), oldest=Min("waiting_since"))
    )
    return {row["state"]: (row["cases"], row["oldest"]) for row in rows}
