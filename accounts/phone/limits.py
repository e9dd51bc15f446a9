"""How many codes a number, an address and the installation may cost.

Counted over the rows of messages asked for, whether or not they were delivered, in exact
rolling windows. The caller holds the locks of the number and the address.

Strangers, the owner's own browsers and support count apart (`Asker`), codes and wrong tries alike:
whoever knows a number shuts it for strangers only. Of what a number gets in a day some is left that
strangers cannot use up. Notices count by themselves, each kind apart, so that nothing that is asked
for or done many times keeps the owner from hearing of something else.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

from django.db.models import QuerySet
from django.utils import timezone

from accounts.phone.errors import CodeCooldown, CodeStopped, CodesUnavailable
from accounts.phone.models import Challenge, SendGate, SmsCode
from accounts.phone.states import Asker
from accounts.security.keyed import keyed_hash
from accounts.security.throttle import rules_of

logger = logging.getLogger(__name__)
NOTICE = "notice"
_HOUR = 3600


def lock_gates(*, phone: str, asker: str, address: str = "") -> SendGate:
    """Lock the rows of a number and, if given, an address; returns the row with what this kind of
    asker typed wrongly for the number.

    Always the number first: everybody locks in the same order, so nobody waits in a circle.
    """
    gate = _lock("number", phone)
    if address:
        _lock("address", address)
    scope = _scope_of(asker)
    return gate if scope == gate.scope else _lock(scope, phone)


def address_key(address: str) -> str:
    """What message rows keep instead of an address; empty for none."""
    return keyed_hash(purpose="sms_address", text=address) if address else ""


def require_room(*, phone: str, purpose: str, asker: Asker, address: str, gate: SendGate) -> None:
    """Raise when one more code would be too many for this kind of asker; says until when."""
    rules = rules_of("sms.code")
    is_stranger = asker == Asker.STRANGER
    if stopped := wrong_stop(gate):
        raise CodeStopped(stopped, because="wrong", is_for_strangers=is_stranger)
    to_number = SmsCode.objects.filter(phone=phone).exclude(purpose=NOTICE)
    theirs = to_number.filter(asker=asker)
    same_purpose = theirs.filter(purpose=purpose)
    (_one, cooldown), *longer = rules["purpose"]
    if free_at := _full_until(same_purpose, [(1, cooldown)]):
        raise CodeCooldown(max(1, _seconds_to(free_at)))
    number_until = _latest(
        _full_until(same_purpose, longer),
        _full_until(to_number, rules["number"]),
        _full_until(theirs, rules["stranger"]) if is_stranger else None,
    )
    from_address = SmsCode.objects.filter(address_hash=address_key(address))
    address_until = _full_until(from_address, rules["address"]) if address else None
    if until := _latest(number_until, address_until):
        if number_until is None:
            raise CodeStopped(until, because="address")
        raise CodeStopped(until, is_for_strangers=is_stranger)
    if _full_until(SmsCode.objects.all(), rules["installation"]):
        logger.critical("too many codes for the whole installation: is somebody pumping SMS?")
        # An owner's are few for each number already; strangers' are what is being pumped.
        if is_stranger:
            raise CodesUnavailable


def has_room_for_notice(*, phone: str, kind: str) -> bool:
    """Whether a number may be told once more of this kind of thing. Nobody waits for a lock: at
    one moment a few more may go out."""
    told = Challenge.objects.filter(phone=phone, purpose=NOTICE, bound_to=kind)
    return _full_until(told, rules_of("sms.notice")["notice"]) is None


def next_code_at(*, phone: str, purpose: str, asker: str) -> datetime | None:
    """When this kind of asker may ask for the next code for a number and purpose; None for now."""
    rows = SmsCode.objects.filter(phone=phone, purpose=purpose, asker=asker)
    gate = SendGate.objects.filter(scope=_scope_of(asker), subject_hash=_subject(phone)).first()
    return _latest(
        _full_until(rows, rules_of("sms.code")["purpose"]), wrong_stop(gate) if gate else None
    )


def sent_this_hour(*, phone: str, purpose: str, asker: str) -> int:
    """How many codes of the hour this kind of asker has used."""
    since = timezone.now() - timedelta(seconds=_HOUR)
    rows = SmsCode.objects.filter(phone=phone, purpose=purpose, asker=asker)
    return rows.filter(created_at__gt=since).count()


def most_per_hour() -> int:
    """How many there are in an hour."""
    return next(limit for limit, seconds in rules_of("sms.code")["purpose"] if seconds == _HOUR)


def wrong_stop(gate: SendGate) -> datetime | None:
    """Until when a number is stopped for wrong codes of this kind of asker; None for not."""
    most = most_wrong_per_hour()
    recent = recent_wrong(gate)
    if len(recent) < most:
        return None
    return datetime.fromtimestamp(recent[-most] + _HOUR, tz=timezone.get_default_timezone())


def most_wrong_per_hour() -> int:
    """How many wrong codes of one kind of asker stop a number for it, over all its codes."""
    return rules_of("sms.wrong")["number"][0][0]


def recent_wrong(gate: SendGate) -> list[float]:
    """The wrong tries of the last hour, oldest first."""
    since = timezone.now().timestamp() - _HOUR
    return [moment for moment in gate.wrong_times if moment > since]


def note_wrong(gate: SendGate) -> None:
    """Remember one wrong try."""
    gate.wrong_times = [*recent_wrong(gate), round(timezone.now().timestamp(), 3)]
    gate.save(update_fields=["wrong_times"])


def _scope_of(asker: str) -> str:
    """On which row of the number the wrong tries of this kind of asker stand."""
    return "number" if asker == Asker.STRANGER else asker


def _latest(*moments: datetime | None) -> datetime | None:
    return max((moment for moment in moments if moment), default=None)


def _full_until(rows: QuerySet[Any], rules: Sequence[tuple[int, int]]) -> datetime | None:
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
