"""The steps of a payment as they are written down: each row with who, when, from, to and why."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from dataclasses import dataclass
from functools import partial

from django.db import transaction

from accounts.users.models import User
from payments.processing.models import Payment, PaymentStatusChange

logger = logging.getLogger(__name__)


@dataclass(frozen=True)
class Step:
    """One change of state: where to, by whom (None: by itself), and why."""

    to_state: str
    by: User | None
    reason: str


def change_of(payment: Payment, from_state: str, step: Step) -> PaymentStatusChange:
    """The row of one step; not written yet."""
    return PaymentStatusChange(
        payment=payment,
        from_state=from_state,
        to_state=step.to_state,
        by=step.by,
        reason=step.reason[:200],
    )


def note_changes(payment: Payment, changes: Sequence[PaymentStatusChange]) -> None:
    """Write the steps down, and tell the log once they are committed."""
    PaymentStatusChange.objects.bulk_create(changes)
    facts = {"payment": str(payment.public_id)}
    for change in changes:
        said = (payment.kind, payment.reference, change.from_state or "new", change.to_state)
        transaction.on_commit(partial(logger.info, "%s %s: %s > %s", *said, extra=facts))
