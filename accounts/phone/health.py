"""A provider that keeps failing rests, then gets one trial: a circuit breaker kept in rows, so
that all processes see the same one and exactly one of them makes the trial."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.conf import settings
from django.db.models import F
from django.utils import timezone

from accounts.phone.gateways.providers import list_providers
from accounts.phone.models import SmsProvider

# A trial whose process died makes room for the next one.
_TRIAL = timedelta(seconds=20)


def resting() -> dict[str, datetime]:
    """Providers that rest, and until when. One whose rest is over is not here: it may be tried."""
    rows = SmsProvider.objects.filter(rests_until__gt=timezone.now())
    return {row.name: row.rests_until for row in rows if row.rests_until}


def admit(name: str) -> bool:
    """Whether this process may try the provider now; after a rest only one may."""
    now = timezone.now()
    SmsProvider.objects.bulk_create([SmsProvider(name=name)], ignore_conflicts=True)
    row = SmsProvider.objects.get(name=name)
    if row.rests_until is None:
        return True
    if row.rests_until > now:
        return False
    mine = SmsProvider.objects.filter(pk=row.pk, rests_until=row.rests_until)
    return mine.update(rests_until=now + _TRIAL) == 1


def note_answer(name: str) -> None:
    """It answered as a provider should, if only to refuse a number."""
    SmsProvider.objects.filter(name=name).update(
        failures=0, rests_until=None, answered_at=timezone.now(), reason=""
    )


def note_failure(name: str, reason: str) -> None:
    """It did not; after too many in a row it rests."""
    now = timezone.now()
    row = SmsProvider.objects.filter(name=name)
    row.update(failures=F("failures") + 1, failed_at=now, reason=reason[:80])
    rest = timedelta(seconds=settings.SMS["rest_seconds"])
    row.filter(failures__gte=settings.SMS["rest_after_failures"]).update(rests_until=now + rest)


def are_all_down() -> bool:
    """Whether every provider in use rests, or is only being tried again."""
    names = [each.name for each in list_providers()]
    down = SmsProvider.objects.filter(name__in=names, rests_until__isnull=False).count()
    return bool(names) and down == len(names)
