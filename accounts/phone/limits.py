"""How many codes a number, an address and the installation may cost.

Counted over the rows of messages asked for, whether or not they were delivered, in exact
rolling windows. The caller holds the locks of the number and the address.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta

from django.db.models import QuerySet
from django.utils import timezone

from accounts.phone.errors import CodeCooldown, CodeStopped, CodesUnavailable
from accounts.phone.models import SendGate, SmsCode
from accounts.security.keyed import keyed_hash
from accounts.security.throttle import rules_of

logger = logging.getLogger(__name__)
NOTICE = "notice"
_HOUR = 3600


def lock_gates(*, phone: str, address: str = "") -> SendGate:
    """Lock the rows of a number and, if given, an address; returns the number's.

    Always the number first: everybody locks in the same order, so nobody waits in a circle.
    """
    gate = _lock("number", phone)
    if address:
        _lock("address", address)
    return gate


def address_key(address: str) -> str:
    """What message rows keep instead of an address; empty for none."""
    return keyed_hash(purpose="sms_address", text=address) if address else ""


def require_room(*, phone: str, purpose: str, address: str, gate: SendGate) -> None:
    """Raise when one more code would be too many; says until when."""
    rules = rules_of("sms.code")
    if stopped := wrong_stop(gate):
        raise CodeStopped(stopped, because="wrong")
    to_number = SmsCode.objects.filter(phone=phone).exclude(purpose=NOTICE)
    same_purpose = to_number.filter(purpose=purpose)
    (_one, cooldown), *longer = rules["purpose"]
    if free_at := _full_until(same_purpose, [(1, cooldown)]):
        raise CodeCooldown(max(1, _seconds_to(free_at)))
    stops = [_full_until(same_purpose, longer), _full_until(to_number, rules["number"])]
    if address:
        from_address = SmsCode.objects.filter(address_hash=address_key(address))
        stops.append(_full_until(from_address, rules["address"]))
    until = max((stop for stop in stops if stop), default=None)
    if until:
        raise CodeStopped(until)
    if _full_until(SmsCode.objects.all(), rules["installation"]):
        logger.critical("too many codes for the whole installation: is somebody pumping SMS?")
        raise CodesUnavailable


def next_code_at(*, phone: str, purpose: str) -> datetime | None:
    """When the next code for a number and purpose may be asked for; None for now."""
    rows = SmsCode.objects.filter(phone=phone, purpose=purpose)
    gate = SendGate.objects.filter(scope="number", subject_hash=_subject(phone)).first()
    stops = [
        _full_until(rows, rules_of("sms.code")["purpose"]),
        wrong_stop(gate) if gate else None,
    ]
    return max((stop for stop in stops if stop), default=None)


def sent_this_hour(*, phone: str, purpose: str) -> int:
    """How many codes of the hour are used."""
    since = timezone.now() - timedelta(seconds=_HOUR)
    return SmsCode.objects.filter(phone=phone, purpose=purpose, created_at__gt=since).count()


def most_per_hour() -> int:
    """How many there are in an hour."""
    return next(limit for limit, seconds in rules_of("sms.code")["purpose"] if seconds == _HOUR)


def wrong_stop(gate: SendGate) -> datetime | None:
    """Until when a number is stopped for wrong codes; None when it is not."""
    most = most_wrong_per_hour()
    recent = recent_wrong(gate)
    if len(recent) < most:
        return None
    return datetime.fromtimestamp(recent[-most] + _HOUR, tz=timezone.get_default_timezone())


def most_wrong_per_hour() -> int:
    """How many wrong codes stop a number, over all its codes."""
    return rules_of("sms.wrong")["number"][0][0]


def recent_wrong(gate: SendGate) -> list[float]:
    """The wrong tries of the last hour, oldest first."""
    since = timezone.now().timestamp() - _HOUR
    return [moment for moment in gate.wrong_times if moment > since]


def note_wrong(gate: SendGate) -> None:
    """Remember one wrong try for the number."""
    gate.wrong_times = [*recent_wrong(gate), round(timezone.now().timestamp(), 3)]
    gate.save(update_fields=["wrong_times"])


def _full_until(rows: QuerySet[SmsCode], rules: Sequence[tuple[int, int]]) -> datetime | None:
    """When the last full window has room again; None when all have."""
    now = timezone.now()
    latest = None
    for limit, seconds in rules:
        window = timedelta(seconds=seconds)
        times = rows.filter(created_at__gt=now - window).order_by("-created_at", "-pk")
        oldest = times.values_list("created_at", flat=True)[limit - 1 : limit]
        for moment in oldest:
            latest = max(latest or moment + window, moment + window)
    return latest


def _lock(scope: str, subject: str) -> SendGate:
    key = _subject(subject)
    SendGate.objects.bulk_create([SendGate(scope=scope, subject_hash=key)], ignore_conflicts=True)
    return SendGate.objects.select_for_update().get(scope=scope, subject_hash=key)


def _subject(text: str) -> str:
    return keyed_hash(purpose="send_gate", text=text)


def _seconds_to(moment: datetime) -> int:
    return -int(-(moment - timezone.now()).total_seconds() // 1)
