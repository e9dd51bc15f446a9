"""Getting messages out: claim a row, hand it to a provider, write down what came of it.

The row is the truth. A broker message is only a wake-up and may be lost, late or doubled: who
sends is decided by a conditional UPDATE, and a sweep finds whatever nobody was woken for. Every
attempt is a row before it leaves; one without a result was made by a process that died.
"""

from __future__ import annotations

import logging
import time
from datetime import datetime, timedelta

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.utils import timezone

from accounts.identity.vault import decrypt
from accounts.phone import health
from accounts.phone.gateways.base import GatewayError, Handed, NotAskedError, Sms, reason_code
from accounts.phone.gateways.providers import Provider, find_provider, list_providers
from accounts.phone.messages import message_language, message_params, message_text
from accounts.phone.models import Challenge, DemoMessage, SmsAttempt, SmsCode, SmsResult
from accounts.phone.receipts import (
    FIRST_QUESTION,
    apply_earlier,
    count,
    look_up,
    message_key,
    take_receipt,
)
from accounts.phone.routing import End, Rest, Tried, Use, choose
from accounts.phone.states import SmsOutcome, SmsState

logger = logging.getLogger(__name__)
# Longer than any gateway may take; after it the sender is taken for dead.
CLAIM_SECONDS = 20
_RETRY_SECONDS = 5
# A code that is valid for less time than this would be dead when it is read.
_LEAST_LIFE = timedelta(seconds=3)
# Between the end of an attempt and the end of the code: time to write the result.
_MARGIN_SECONDS = 1.0
_LONGEST_REST = timedelta(seconds=5)
_STEPS = 4
# A delivery or a sweep begins no new attempt after this, so that it ends long before its task must.
_DELIVERY_SECONDS = 15
_SWEEP_SECONDS = 10
# A provider that had the last message to a phone so lately, without a receipt, goes last.
_LATELY = timedelta(minutes=10)
# Support looks back this far when somebody says that a code never came.
_KEEP = timedelta(days=30)
_KEEP_DEMO = timedelta(days=1)
_BATCH = 50


def deliver(row_id: int) -> bool:
    """Send one message if it is still due and nobody else is at it; whether we sent it."""
    started = time.monotonic()
    for _step in range(_STEPS):
        if time.monotonic() - started > _DELIVERY_SECONDS or not _claim(row_id):
            return False
        row = SmsCode.objects.select_related("challenge").get(pk=row_id)
        if _step_on(row):
            return True
    return False


def deliver_due() -> int:
    """Send whatever is due, and give up what can no longer be used; returns how many went."""
    drop_expired()
    started = time.monotonic()
    sent = 0
    for row_id in _due_ids():
        # Slow providers must not make the sweep outlive its task; the next one goes on.
        if time.monotonic() - started > _SWEEP_SECONDS:
            break
        try:
            sent += deliver(row_id)
        except Exception as error:  # its text may hold the phone; the claim runs out
            logger.error("message %s could not be sent (%s)", row_id, type(error).__name__)
    return sent


def drop_expired() -> int:
    """Close messages whose code ran out before it could be sent; it never will be."""
    now = timezone.now()
    gone = {"ended_at": now, "code_encrypted": "", "claimed_until": None}
    due = SmsCode.objects.filter(state=SmsState.DUE, expires_at__lte=now)
    # One that somebody is handing over at this very moment is his to close, as long as he lives.
    due = due.filter(_free_now())
    tries = SmsAttempt.objects.filter(code_id=OuterRef("pk"))
    perhaps = tries.filter(Q(results__outcome=SmsOutcome.UNSURE) | Q(results=None))
    unsure = due.filter(Exists(perhaps)).update(state=SmsState.UNSURE, **gone)
    return unsure + due.filter(~Exists(perhaps)).update(state=SmsState.EXPIRED, **gone)


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
    """Take the message for a while. `attempts` counts claims: ours ends when it is not the last."""
    now = timezone.now()
    claimed = SmsCode.objects.filter(
        _free_now(), pk=row_id, state=SmsState.DUE, expires_at__gt=now
    ).update(claimed_until=now + timedelta(seconds=CLAIM_SECONDS), attempts=F("attempts") + 1)
    return claimed == 1


def _free_now() -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lte=timezone.now())


def _step_on(row: SmsCode) -> bool:
    """One attempt at most; afterwards the row is released, for now or for later, or at its end."""
    history = _history(row)
    if history and history[-1].outcome == SmsOutcome.UNSURE:
        receipt = look_up(find_provider(history[-1].provider), row)
        if receipt and receipt.state in (SmsState.HANDED, SmsState.DELIVERED):
            return take_receipt(history[-1].provider, receipt)
        if receipt and receipt.state == SmsState.FAILED:
            # That copy never arrives: it is none.
            _note_result(row.tries.latest("pk"), SmsOutcome.REFUSED, reason=receipt.reason)
            history[-1] = Tried(history[-1].provider, SmsOutcome.REFUSED)
    decision = _decide(row, history)
    if isinstance(decision, End):
        _end(row, decision.state)
    elif isinstance(decision, Rest):
        _release(row, min(decision.until, timezone.now() + _LONGEST_REST))
    else:
        return _try(row, decision.provider, history)
    return False


def _decide(row: SmsCode, history: list[Tried]) -> Use | Rest | End:
    """The next step; a provider whose one trial somebody else makes counts as resting."""
    providers = _in_order(row)
    resting = health.resting()
    decision = choose(providers, history, resting)
    while isinstance(decision, Use) and not health.admit(decision.provider.name):
        resting[decision.provider.name] = timezone.now() + _LONGEST_REST
        decision = choose(providers, history, resting)
    return decision


def _in_order(row: SmsCode) -> list[Provider]:
    """The providers in the order of the setting; but who asks again because nothing came is not
    served by the same one first."""
    lately = SmsCode.objects.filter(
        phone=row.phone,
        pk__lt=row.pk,
        created_at__gt=row.created_at - _LATELY,
        state__in=[SmsState.HANDED, SmsState.FAILED],
    )
    idle = set(lately.values_list("provider", flat=True))
    return sorted(list_providers(), key=lambda each: each.name in idle)


def _try(row: SmsCode, provider: Provider, history: list[Tried]) -> bool:
    """Hand the message to one provider, unless its time is over or the claim is not ours."""
    left = (row.expires_at - timezone.now()).total_seconds()
    if left < _LEAST_LIFE.total_seconds():
        _release(row, row.expires_at)
        return False
    try:
        sms = _compose(
            row, min(settings.SMS["deadline_seconds"], left - _MARGIN_SECONDS), int(left)
        )
    except Exception as error:  # a lost key; its text may hold the code
        logger.error("message %s: cannot be written (%s)", row.pk, type(error).__name__)
        _end(row, SmsState.FAILED)
        return False
    attempt = _begin(row, provider)
    if attempt is None:
        return False
    try:
        handed = provider.gateway.send(sms)
    except GatewayError as error:
        reason = reason_code(error)
        logger.warning("message %s: %s did not take it (%s)", row.pk, provider.name, reason)
        _note_failure(row, attempt, error, history)
        return False
    except Exception as error:  # a gateway may fail in any way; its text may hold the message
        logger.warning("message %s: the gateway broke (%s)", row.pk, type(error).__name__)
        broken = GatewayError(type(error).__name__, may_be_sent=True)
        _note_failure(row, attempt, broken, history)
        return False
    _note_handed(row, attempt, handed)
    return True


def _outcome_of(error: GatewayError) -> SmsOutcome:
    if error.may_be_sent:
        return SmsOutcome.UNSURE
    return SmsOutcome.REFUSED if error.is_final else SmsOutcome.UNAVAILABLE


def _history(row: SmsCode) -> list[Tried]:
    """What was tried, oldest first. An attempt whose maker died gets its result here."""
    tried = []
    for attempt in row.tries.order_by("pk").prefetch_related("results"):
        # Of two results the later one knows more.
        results = sorted(attempt.results.all(), key=lambda result: result.pk)
        if not results:
            logger.warning("message %s: an attempt has no result; perhaps sent", row.pk)
            # Whoever died: nothing is known of the provider's health.
            _note_result(attempt, SmsOutcome.UNSURE, reason="died")
        outcome = SmsOutcome(results[-1].outcome) if results else SmsOutcome.UNSURE
        tried.append(Tried(attempt.provider, outcome))
    return tried


def _begin(row: SmsCode, provider: Provider) -> SmsAttempt | None:
    """Write the attempt down and renew the claim; None when the message is no longer ours."""
    now = timezone.now()
    with transaction.atomic():
        renewed = SmsCode.objects.filter(
            pk=row.pk, attempts=row.attempts, state=SmsState.DUE, expires_at__gt=now
        ).update(claimed_until=now + timedelta(seconds=CLAIM_SECONDS))
        if not renewed:
            return None
        return SmsAttempt.objects.create(
            code=row, claim=row.attempts, provider=provider.name, started_at=now
        )


def _compose(row: SmsCode, deadline_seconds: float, valid_seconds: int) -> Sms:
    code = decrypt(row.code_encrypted) if row.code_encrypted else ""
    facts = {
        "message": row.message,
        "code": code,
        "locale": row.locale,
        "params": row.challenge.message_params,
    }
    return Sms(
        phone=row.phone,
        text=message_text(**facts),
        idempotency_key=message_key(row.pk),
        message=row.message,
        language=message_language(row.locale),
        params=message_params(**facts),
        deadline_seconds=deadline_seconds,
        valid_seconds=valid_seconds,
    )


def _note_handed(row: SmsCode, attempt: SmsAttempt, handed: Handed) -> None:
    now = timezone.now()
    reference = handed.reference[:100]
    with transaction.atomic():
        # Unsure: the claim ran out meanwhile and somebody gave the message up.
        SmsCode.objects.filter(pk=row.pk, state__in=[SmsState.DUE, SmsState.UNSURE]).update(
            state=SmsState.DELIVERED if handed.is_delivered else SmsState.HANDED,
            handed_at=now,
            ended_at=now if handed.is_delivered else None,
            provider=attempt.provider,
            provider_reference=reference,
            code_encrypted="",
            claimed_until=None,
            next_question_at=None if handed.is_delivered else now + FIRST_QUESTION,
        )
        if _note_result(attempt, SmsOutcome.ACCEPTED, reference=reference):
            health.note_answer(attempt.provider)
        apply_earlier(row.pk, attempt.provider, reference)


def _note_failure(
    row: SmsCode, attempt: SmsAttempt, error: GatewayError, history: list[Tried]
) -> None:
    """Write the result, then say when the message may be tried again; now, with somebody new."""
    outcome = _outcome_of(error)
    with transaction.atomic():
        SmsCode.objects.select_for_update().filter(pk=row.pk).first()
        if _note_result(attempt, outcome, reason=reason_code(error)):
            _note_health(attempt.provider, error)
        so_far = [*history, Tried(attempt.provider, outcome)]
        decision = choose(_in_order(row), so_far, health.resting())
        now = timezone.now()
        if isinstance(decision, End):
            _end(row, decision.state)
        elif isinstance(decision, Rest):
            _release(row, min(decision.until, now + _LONGEST_REST))
        else:
            wait = 0 if decision.is_fresh else _RETRY_SECONDS * len(so_far)
            _release(row, now + timedelta(seconds=wait))
        if outcome == SmsOutcome.UNSURE:
            # The phone may have told already what the provider could not.
            apply_earlier(row.pk, attempt.provider, "")


def _note_result(
    attempt: SmsAttempt, outcome: SmsOutcome, *, reason: str = "", reference: str = ""
) -> bool:
    """Append a result once and count it; whether it is new."""
    with transaction.atomic():
        facts = {"provider": attempt.provider, "reason": reason, "reference": reference}
        _result, is_new = SmsResult.objects.get_or_create(
            attempt=attempt, outcome=outcome, defaults=facts
        )
        if is_new:
            count(attempt.provider, outcome.value)
        return is_new


def _note_health(name: str, error: GatewayError) -> None:
    """To refuse one number is a good answer; the rest are failures."""
    if _outcome_of(error) != SmsOutcome.REFUSED:
        health.note_failure(name, reason_code(error))
    elif not isinstance(error, NotAskedError):
        health.note_answer(name)


def _release(row: SmsCode, until: datetime) -> None:
    SmsCode.objects.filter(pk=row.pk, attempts=row.attempts, state=SmsState.DUE).update(
        claimed_until=until
    )


def _end(row: SmsCode, state: SmsState) -> None:
    SmsCode.objects.filter(pk=row.pk, attempts=row.attempts, state=SmsState.DUE).update(
        state=state, ended_at=timezone.now(), code_encrypted="", claimed_until=None
    )
