"""What providers say later about messages: in any order, any number of times, about any message.

A receipt is written down first, then applied. It may come before the answer to the request that
sent the message, or after the process that waited for that answer died; so it is looked up again
when the answer is written. It is never a reason to send anything.
"""

from __future__ import annotations

import logging
from datetime import timedelta

from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from accounts.phone.gateways.base import GatewayError, Question, Receipt, TellsFate
from accounts.phone.gateways.providers import Provider, find_provider
from accounts.phone.models import SmsAttempt, SmsCode, SmsReceipt, SmsResult, SmsTally
from accounts.phone.states import TRANSITIONS, SmsState

logger = logging.getLogger(__name__)
FIRST_QUESTION = timedelta(seconds=15)
# Questions get rarer: each waits as long as the message has been on its way.
_LAST_QUESTION = timedelta(minutes=15)
_BATCH = 20
_WORTH_SECONDS = 20


def message_key(code_id: int) -> str:
    """How a message is called towards providers: the same for every attempt."""
    return f"sms-{code_id}"


def take_receipt(provider: str, receipt: Receipt) -> bool:
    """Write a receipt down and apply it; whether the message changed. Again: nothing changes."""
    with transaction.atomic():
        # The message's row first, as the sender locks it: whoever comes second sees the other.
        code = _find_message(provider, receipt)
        if code is not None:
            SmsCode.objects.select_for_update().filter(pk=code).first()
        _row, is_new = SmsReceipt.objects.get_or_create(
            provider=provider,
            reference=receipt.reference,
            idempotency_key=receipt.idempotency_key[:40],
            state=receipt.state,
            defaults={"reason": receipt.reason},
        )
        if is_new and receipt.state in (SmsState.DELIVERED, SmsState.FAILED):
            count(provider, f"receipt_{receipt.state.value}")
        return code is not None and _apply(code, provider, receipt)


def apply_earlier(code_id: int, provider: str, reference: str) -> None:
    """Apply what had been said before we knew the reference; in the caller's transaction."""
    named = Q(reference=reference) if reference else Q(pk=None)
    key = message_key(code_id)
    rows = SmsReceipt.objects.filter(named | Q(idempotency_key=key), provider=provider).order_by(
        "pk"
    )
    for row in rows:
        if row.idempotency_key in ("", key):
            _apply(code_id, provider, Receipt(SmsState(row.state), row.reference))


def count(provider: str, outcome: str) -> None:
    """Add one to a running total; in the caller's transaction, whose locks always come in the order
    message, total, provider."""
    SmsTally.objects.bulk_create(
        [SmsTally(provider=provider, outcome=outcome)], ignore_conflicts=True
    )
    SmsTally.objects.filter(provider=provider, outcome=outcome).update(total=F("total") + 1)


def ask_providers() -> int:
    """Ask about messages that were handed over and not heard of; returns how many had news."""
    started = timezone.now()
    due = SmsCode.objects.filter(state=SmsState.HANDED, next_question_at__lte=started).order_by(
        "next_question_at"
    )
    news = 0
    for code in due[:_BATCH]:
        if (timezone.now() - started).total_seconds() > _WORTH_SECONDS:
            break
        try:
            news += _ask(code)
        except Exception as error:  # its text may hold the phone; the next question comes later
            logger.error("message %s: no answer was taken (%s)", code.pk, type(error).__name__)
    return news


def _ask(code: SmsCode) -> bool:
    """Whether there was news of it."""
    if not _claim_question(code):
        return False
    receipt = look_up(find_provider(code.provider), code)
    return bool(receipt and take_receipt(code.provider, receipt))


def look_up(provider: Provider | None, code: SmsCode) -> Receipt | None:
    """What a provider knows of a message; None when it cannot say."""
    if provider is None or not isinstance(provider.gateway, TellsFate):
        return None
    question = Question(
        phone=code.phone,
        reference=code.provider_reference,
        idempotency_key=message_key(code.pk),
        sent_at=code.handed_at or code.created_at,
    )
    try:
        receipt = provider.gateway.look_up(question)
    except GatewayError as error:
        logger.info("message %s: %s does not tell (%s)", code.pk, provider.name, error)
        return None
    except Exception as error:  # a gateway may fail in any way; its text may hold the phone
        logger.warning("message %s: asking broke (%s)", code.pk, type(error).__name__)
        return None
    if receipt and receipt.idempotency_key not in ("", message_key(code.pk)):
        return None
    return receipt


def _claim_question(code: SmsCode) -> bool:
    """Of several sweeps one asks. The next question comes later, or not at all."""
    now = timezone.now()
    waited = max(now - (code.handed_at or code.created_at), FIRST_QUESTION)
    mine = SmsCode.objects.filter(pk=code.pk, next_question_at=code.next_question_at)
    return mine.update(next_question_at=None if waited > _LAST_QUESTION else now + waited) == 1


def _find_message(provider: str, receipt: Receipt) -> int | None:
    """The message a receipt is about. One whose two names disagree is about none."""
    by_key = _by_key(provider, receipt.idempotency_key)
    if not receipt.reference:
        return by_key
    results = SmsResult.objects.filter(provider=provider, reference=receipt.reference)
    found = set(results.values_list("attempt__code_id", flat=True)[:2])
    if len(found) > 1:
        return by_key if by_key in found else None
    if not found:
        return by_key
    by_reference = found.pop()
    if receipt.idempotency_key and by_key != by_reference:
        logger.warning("%s: a receipt names two messages; ignored", provider)
        return None
    return by_reference if SmsCode.objects.filter(pk=by_reference).exists() else None


def _by_key(provider: str, key: str) -> int | None:
    number = key.removeprefix("sms-")
    if not (number.isascii() and number.isdigit() and len(number) <= 18):
        return None
    was_sent = SmsAttempt.objects.filter(code_id=int(number), provider=provider).exists()
    is_known = was_sent and SmsCode.objects.filter(pk=int(number)).exists()
    return int(number) if is_known else None


def _apply(code_id: int, provider: str, receipt: Receipt) -> bool:
    """Move the message, if its state allows. A failure counts only for the copy that we took
    for sent: another provider may still deliver the other one."""
    state = receipt.state
    rows = SmsCode.objects.filter(
        pk=code_id, state__in=[old for old, after in TRANSITIONS.items() if state in after]
    )
    if state == SmsState.FAILED:
        rows = rows.filter(state=SmsState.HANDED, provider=provider).filter(
            Q(provider_reference=receipt.reference) | Q(provider_reference="")
        )
    now = timezone.now()
    facts = {
        "state": state,
        "code_encrypted": "",
        "claimed_until": None,
        "next_question_at": now + FIRST_QUESTION if state == SmsState.HANDED else None,
        "ended_at": None if state == SmsState.HANDED else now,
    }
    first = {"handed_at": now, "provider": provider, "provider_reference": receipt.reference}
    before_handed = rows.filter(handed_at=None).update(**facts, **first)
    return before_handed + rows.exclude(handed_at=None).update(**facts) > 0
