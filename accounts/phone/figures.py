"""What an operator watches of text messages. The hour's limit bounds what is looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Min

from accounts.phone.models import SmsCode
from accounts.phone.states import SmsState

_RECENT = timedelta(hours=1)


def due_messages(now: datetime) -> tuple[int, datetime | None]:
    """Messages that wait to be sent and still may be: how many, and since when."""
    row = SmsCode.objects.filter(state=SmsState.DUE, expires_at__gt=now).aggregate(
        messages=Count("pk"), oldest=Min("created_at")
    )
    return row["messages"], row["oldest"]


def recent_messages(now: datetime) -> dict[str, int]:
    """Messages asked for within the last hour, by what became of them."""
    rows = (
        SmsCode.objects.filter(created_at__gt=now - _RECENT)
        .order_by()
        .values("state")
        .annotate(messages=Count("pk"))
    )
    return {row["state"]: row["messages"] for row in rows}
