"""Somebody has codes sent to numbers that earn on them (SMS pumping): those stop, others go on.

Looked at are numbers that begin alike, addresses side by side, countries, and all codes together;
`limits` keeps the last line under its locks. An alarm is a row that staff see in the admin.
Every code counts, whoever asks; what an alarm stops is strangers' codes alone. An owner's are few
for each number already, and nobody must be able to keep them away by flooding numbers like theirs.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from ipaddress import ip_address, ip_network

from django.db import transaction
from django.db.models import QuerySet
from django.utils import timezone

from accounts.phone.errors import CodesUnavailable
from accounts.phone.models import Challenge, SmsAlarm, SmsCode
from accounts.phone.states import Asker
from accounts.security.keyed import keyed_hash
from accounts.security.services import record_event
from accounts.security.throttle import rules_of
from accounts.users.models import User

logger = logging.getLogger(__name__)
# +86 and seven digits: a block of ten thousand numbers of one network.
_PREFIX = 10
_COUNTRY = 3
_BITS = {4: 24, 6: 48}


def require_calm(*, phone: str, address: str, asker: Asker) -> None:
    """Raise `CodesUnavailable` for a stranger while an alarm stops codes like this one, or when it
    is the one that raises an alarm; anybody else's goes out and may raise one. Call it outside any
    transaction: the alarm must outlive the refusal."""
    for kind, subject, rows in _kinds(phone, address):
        if _is_alarm(kind, subject, rows) and asker == Asker.STRANGER:
            raise CodesUnavailable


def _is_alarm(kind: str, subject: str, rows: QuerySet[SmsCode]) -> bool:
    """Whether codes of this kind are stopped: by an alarm that is on, or by one raised now."""
    now = timezone.now()
    alarms = SmsAlarm.objects.filter(kind=kind, subject=subject)
    if alarms.filter(until__gt=now, ended_at=None).exists():
        return True
    # What staff have looked at and let go does not count again.
    looked_at = alarms.exclude(ended_at=None).values_list("ended_at", flat=True).first()
    for most, seconds in rules_of("sms.pumping").get(kind, []):
        since = now - timedelta(seconds=seconds)
        sent = rows.filter(created_at__gt=max(since, looked_at or since)).count()
        if sent >= most:
            until = now + timedelta(seconds=seconds)
            SmsAlarm.objects.create(kind=kind, subject=subject, messages=sent, until=until)
            logger.critical("SMS alarm: %s codes of one %s in %s s; stopped", sent, kind, seconds)
            return True
    return False


def mark(challenge: Challenge, address: str) -> None:
    """Note on the newest message from which addresses it was asked for."""
    network = address_range(address)
    newest = challenge.codes.order_by("-pk").first()
    if network and newest is not None:
        SmsCode.objects.filter(pk=newest.pk).update(range_hash=_hash(network))


def end_alarm(*, alarm: SmsAlarm, by: User) -> bool:
    """Let such codes go out again; whether it was still on. Counting begins anew."""
    with transaction.atomic():
        ended = SmsAlarm.objects.filter(
            pk=alarm.pk, ended_at=None, until__gt=timezone.now()
        ).update(ended_at=timezone.now(), ended_by=by)
        if ended:
            record_event(user=None, actor=by, kind="sms.alarm_ended", details={"alarm": alarm.pk})
    return bool(ended)


def address_range(address: str) -> str:
    """The /24 or /48 around an address; empty for none."""
    if not address:
        return ""
    bits = _BITS[ip_address(address).version]
    return str(ip_network(f"{address}/{bits}", strict=False))


def _kinds(phone: str, address: str) -> list[tuple[str, str, QuerySet[SmsCode]]]:
    network = address_range(address)
    asked = SmsCode.objects.exclude(address_hash="")
    found = [
        (SmsAlarm.Kind.PREFIX.value, phone[:_PREFIX]),
        (SmsAlarm.Kind.COUNTRY.value, phone[:_COUNTRY]),
    ]
    kinds = [(kind, text, asked.filter(phone__startswith=text)) for kind, text in found]
    kinds.append((SmsAlarm.Kind.ALL.value, "*", asked))
    if network:
        kinds.append((SmsAlarm.Kind.RANGE.value, network, asked.filter(range_hash=_hash(network))))
    return kinds


def _hash(network: str) -> str:
    return keyed_hash(purpose="sms_range", text=network)
