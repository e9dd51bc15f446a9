"""Carrying out the lines of a batch that was authorised.

A worker claims the batch for a minute by a conditional UPDATE; the claim only keeps workers from
doing the same work. What makes a line move money once is the line itself: its payment has a key
made of batch and line, and a payment is carried out once under its own lock. So a worker that was
killed, frozen beyond its claim, or started twice does no harm.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Sequence
from uuid import uuid5

from django.db import transaction
from django.utils import timezone

from accounts.security.errors import Refusal
from payments.processing.models import Payment
from payments.processing.retries import in_one_transaction
from payments.processing.services import (
    confirm_authorised,
    lock_payment,
    move_payment,
)
from payments.processing.states import PaymentState
from payments.processing.together import confirm_together, write_together
from payments.transfers.batch.models import BatchLine, TransferBatch
from payments.transfers.batch.selectors import CLAIM, not_claimed
from payments.transfers.batch.states import BatchState, LineOutcome
from payments.transfers.batch.tasks import push_batch
from payments.transfers.kinds import TRANSFER
from payments.wallets.selectors import wallet_label

logger = logging.getLogger(__name__)

# A worker gives way to others after this long and asks to be called again.
_SLICE_SECONDS = 20.0
# So many lines share a transaction: short enough to let others at the wallet in between.
_GROUP = 25


def run_batch(*, batch_id: int) -> int:
    """Send lines until all have ended or the slice of time is over; returns how many ended."""
    if not _claim(batch_id):
        return 0
    begun = time.monotonic()
    ended = last_id = 0
    try:
        while time.monotonic() - begun < _SLICE_SECONDS:
            batch = TransferBatch.objects.select_related("wallet__owner", "owner").get(pk=batch_id)
            group = list(
                batch.lines.filter(outcome=LineOutcome.WAITING, pk__gt=last_id)
                .select_related("payee_wallet", "payment")
                .order_by("pk")[:_GROUP]
            )
            if not group:
                break
            last_id = group[-1].pk
            ended += _do_group(batch, group)
            _renew(batch_id)
    finally:
        is_left = _release(batch_id)
    if is_left and ended:
        push_batch(batch_id)
    return ended


def _claim(batch_id: int) -> bool:
    now = timezone.now()
    running = TransferBatch.objects.filter(not_claimed(now), pk=batch_id, state=BatchState.RUNNING)
    return bool(running.update(claimed_until=now + CLAIM))


def _renew(batch_id: int) -> None:
    TransferBatch.objects.filter(pk=batch_id, state=BatchState.RUNNING).update(
        claimed_until=timezone.now() + CLAIM
    )


def _release(batch_id: int) -> bool:
    """Give the batch back, finished when no line waits; whether some are left."""
    with transaction.atomic():
        is_left = BatchLine.objects.filter(batch_id=batch_id, outcome=LineOutcome.WAITING).exists()
        batch = TransferBatch.objects.filter(pk=batch_id, state=BatchState.RUNNING)
        if is_left:
            batch.update(claimed_until=None)
        else:
            batch.update(state=BatchState.DONE, claimed_until=None, finished_at=timezone.now())
    return is_left


def _do_group(batch: TransferBatch, group: Sequence[BatchLine]) -> int:
    if batch.stopped_at is not None:
        return sum(_end_line(line, "batch.stopped") for line in group)
    if batch.runs_until is None or batch.runs_until <= timezone.now():
        return sum(_end_line(line, "batch.too_late") for line in group)
    in_one_transaction(lambda: _prepare(batch, group))
    ready = [line for line in group if line.payment_id is not None]
    if confirm_together(
        payment_ids=[line.payment_id for line in ready if line.payment_id is not None],
        reason=f"batch {batch.public_id}",
    ):
        return _note_paid([line.pk for line in ready])
    return _one_by_one(batch, ready)


def _one_by_one(batch: TransferBatch, group: Sequence[BatchLine]) -> int:
    """Where something stands in the way of a line, that line learns what, and the others go."""
    ended = 0
    paid: list[int] = []
    for line in group:
        try:
            if _pay(batch, line):
                paid.append(line.pk)
            ended += 1
        except Exception:
            # One line that cannot be booked must not hold up the others; the sweep tries again.
            logger.exception("line %s of batch %s could not be sent", line.number, batch.pk)
    _note_paid(paid)
    return ended


def _note_paid(line_ids: Sequence[int]) -> int:
    return BatchLine.objects.filter(pk__in=line_ids, outcome=LineOutcome.WAITING).update(
        outcome=LineOutcome.PAID
    )


def _prepare(batch: TransferBatch, group: Sequence[BatchLine]) -> None:
    """Write the payments of the group. The key of a payment is made of batch and line; the lines
    are locked, so that one which ended meanwhile, or has its payment, gets none."""
    bare = {line.pk: line for line in group if line.payment_id is None}
    if not bare:
        return
    free = list(
        BatchLine.objects.select_for_update(of=("self",), no_key=True)
        .filter(pk__in=bare, outcome=LineOutcome.WAITING, payment=None)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    payer_label = wallet_label(batch.wallet)
    lines = [bare[line_id] for line_id in free]
    written = write_together([_payment_of(batch, line, payer_label) for line in lines])
    for line, payment in zip(lines, written, strict=True):
        line.payment = payment
    BatchLine.objects.bulk_update(lines, ["payment"])


def _payment_of(batch: TransferBatch, line: BatchLine, payer_label: str) -> Payment:
    assert line.amount_minor is not None and batch.runs_until is not None
    return Payment(
        kind=TRANSFER,
        payer_wallet=batch.wallet,
        payee_wallet=line.payee_wallet,
        amount_minor=line.amount_minor,
        currency=batch.currency,
        note=line.note,
        counterparty_label=line.payee_label,
        payer_label=payer_label,
        payee_typed=line.payee_key,
        is_proved=batch.is_proved,
        created_by=batch.owner,
        compose_key=uuid5(batch.public_id, f"line {line.number}"),
        expires_at=batch.runs_until,
    )


def _pay(batch: TransferBatch, line: BatchLine) -> bool:
    """Carry out one line; True when its money has moved, else its outcome is written here."""
    assert line.payment_id is not None
    try:
        payment = confirm_authorised(
            payment_id=line.payment_id, reason=f"line {line.number} of batch {batch.public_id}"
        )
    except Refusal as refusal:
        _end_line(line, refusal.code)
        return False
    if payment.state == PaymentState.SUCCEEDED:
        return True
    _end_line(line, payment.failure_code or "batch.too_late")
    return False


def _end_line(line: BatchLine, code: str) -> bool:
    """Write that a line was not sent, unless its payment says otherwise: that one is the truth."""

    def work() -> bool:
        current = (
            BatchLine.objects.select_for_update(of=("self",), no_key=True)
            .filter(pk=line.pk, outcome=LineOutcome.WAITING)
            .first()
        )
        if current is None:
            return False
        why = code
        if current.payment_id is not None:
            payment = lock_payment(current.payment_id)
            if payment.state == PaymentState.SUCCEEDED:
                current.outcome = LineOutcome.PAID
                current.save(update_fields=["outcome"])
                return True
            why = _close(payment, code)
        current.outcome = LineOutcome.NOT_PAID
        current.failure_code = why
        current.save(update_fields=["outcome", "failure_code"])
        return True

    return in_one_transaction(work)


def _close(payment: Payment, code: str) -> str:
    """End a payment that was not carried out; returns why it was not."""
    if payment.state == PaymentState.CREATED:
        move_payment(payment, PaymentState.EXPIRED, by=None, reason=f"batch: {code}")
    return payment.failure_code or code
