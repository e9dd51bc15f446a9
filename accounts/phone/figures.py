"""What an operator watches of text messages. The hour's limit bounds what is looked at."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.db.models import Count, Min

from accounts.phone.models import SmsAlarm, SmsCode, SmsProvider, SmsTally
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


def attempts_by_provider() -> dict[tuple[str, str], int]:
    """Attempts and receipts since the beginning, by provider and outcome (`SmsOutcome`, or
    "receipt_delivered", "receipt_failed"): running totals, so it costs the same at any age."""
    rows = SmsTally.objects.order_by("provider", "outcome")
    return {(row.provider, row.outcome): row.total for row in rows}


def open_alarms(now: datetime) -> dict[str, int]:
    """How many SMS alarms hold now, by kind; every kind is named."""
    rows = SmsAlarm.objects.filter(until__gt=now, ended_at=None)
    kinds = list(rows.values_list("kind", flat=True))
    return {str(each.value): kinds.count(each.value) for each in SmsAlarm.Kind}


def resting_providers() -> dict[str, bool]:
    """Each provider that was ever used, and whether it rests after failures."""
    return {row.name: row.rests_until is not None for row in SmsProvider.objects.all()}
