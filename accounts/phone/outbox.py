"""Getting messages out: claim a row, hand it over, write down what came of it.

The row is the truth. A broker message is only a wake-up and may be lost, late or doubled: who
sends is decided by a conditional UPDATE, and a sweep finds whatever nobody was woken for.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.identity.vault import decrypt
from accounts.phone.gateways.base import GatewayError, Handed, Sms, get_gateway
from accounts.phone.messages import message_text
from accounts.phone.models import Challenge, DemoMessage, SmsCode
from accounts.phone.states import SmsState

logger = logging.getLogger(__name__)
# Longer than any gateway may take; after it the sender is taken for dead.
CLAIM_SECONDS = 20
_RETRY_SECONDS = 5
_MOST_ATTEMPTS = 6
# Support looks back this far when somebody says that a code never came.
_KEEP = timedelta(days=30)
_KEEP_DEMO = timedelta(days=1)
_BATCH = 50


def deliver(row_id: int) -> bool:
    """Send one message if it is still due and nobody else is at it; whether we sent it."""
    if not _claim(row_id):
        return False
    row = SmsCode.objects.select_related("challenge").get(pk=row_id)
    try:
        handed = get_gateway().send(_compose(row))
    except GatewayError as error:
        logger.warning("message %s: the provider did not take it (%s)", row_id, error)
        _note_failure(row, is_final=error.is_final)
        return False
    except Exception as error:  # a gateway may fail in any way; its text may hold the message
        logger.warning("message %s: the gateway broke (%s)", row_id, type(error).__name__)
        _note_failure(row, is_final=False)
        return False
    _note_handed(row, handed)
    return True


def deliver_due() -> int:
    """Send whatever is due, and give up what can no longer be used; returns how many went."""
    drop_expired()
    return sum(deliver(row_id) for row_id in _due_ids())


def drop_expired() -> int:
    """Close messages whose code ran out before it could be sent; it never will be."""
    now = timezone.now()
    return SmsCode.objects.filter(state=SmsState.DUE, expires_at__lte=now).update(
        state=SmsState.EXPIRED, ended_at=now, code_encrypted="", claimed_until=None
    )


def forget_old() -> None:
    """Delete what nobody needs any more: finished phone checks, and the inbox of the demo."""
    now = timezone.now()
    Challenge.objects.filter(created_at__lt=now - _KEEP).delete()
    DemoMessage.objects.filter(created_at__lt=now - _KEEP_DEMO).delete()


def _due_ids() -> list[int]:
    rows = SmsCode.objects.filter(_free_now(), state=SmsState.DUE).order_by("created_at")
    if not connection.features.has_select_for_update_skip_locked:
        return list(rows.values_list("pk", flat=True)[:_BATCH])
    # Rows that another sweep is claiming right now are not worth waiting for.
    with transaction.atomic():
        locked = rows.select_for_update(skip_locked=True)
        return list(locked.values_list("pk", flat=True)[:_BATCH])


def _claim(row_id: int) -> bool:
    now = timezone.now()
    claimed = SmsCode.objects.filter(
        _free_now(), pk=row_id, state=SmsState.DUE, expires_at__gt=now
    ).update(claimed_until=now + timedelta(seconds=CLAIM_SECONDS), attempts=F("attempts") + 1)
    return claimed == 1


def _free_now() -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lte=timezone.now())


def _compose(row: SmsCode) -> Sms:
    code = decrypt(row.code_encrypted) if row.code_encrypted else ""
    text = message_text(
        message=row.message,
        code=code,
        locale=row.locale,
        params=row.challenge.message_params,
    )
    return Sms(phone=row.phone, text=text, idempotency_key=f"sms-{row.pk}")


def _note_handed(row: SmsCode, handed: Handed) -> None:
    now = timezone.now()
    SmsCode.objects.filter(pk=row.pk, state=SmsState.DUE).update(
        state=SmsState.DELIVERED if handed.is_delivered else SmsState.HANDED,
        handed_at=now,
        ended_at=now if handed.is_delivered else None,
        provider_reference=handed.reference[:100],
        code_encrypted="",
        claimed_until=None,
    )


def _note_failure(row: SmsCode, *, is_final: bool) -> None:
    now = timezone.now()
    if is_final or row.attempts >= _MOST_ATTEMPTS:
        SmsCode.objects.filter(pk=row.pk, state=SmsState.DUE).update(
            state=SmsState.FAILED, ended_at=now, code_encrypted="", claimed_until=None
        )
        return
    SmsCode.objects.filter(pk=row.pk, state=SmsState.DUE).update(
        claimed_until=now + timedelta(seconds=_RETRY_SECONDS * row.attempts)
    )
