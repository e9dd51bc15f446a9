"""The one table of what a payment may become. Everything else derives from it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class PaymentState(models.TextChoices):
    """Where a payment is."""

    CREATED = "created", _("Not paid yet")
    PROCESSING = "processing", _("Being confirmed")
    SUCCEEDED = "succeeded", _("Paid")
    FAILED = "failed", _("Failed")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


TRANSITIONS: dict[PaymentState, frozenset[PaymentState]] = {
    PaymentState.CREATED: frozenset(
        {PaymentState.PROCESSING, PaymentState.CANCELLED, PaymentState.EXPIRED}
    ),
    # Cancelled from here: stopped by the payer while it could still be stopped.
    PaymentState.PROCESSING: frozenset(
        {PaymentState.SUCCEEDED, PaymentState.FAILED, PaymentState.CANCELLED}
    ),
    PaymentState.SUCCEEDED: frozenset(),
    PaymentState.FAILED: frozenset(),
    PaymentState.CANCELLED: frozenset(),
    PaymentState.EXPIRED: frozenset(),
}

TERMINAL = frozenset(state for state, following in TRANSITIONS.items() if not following)


def may_become(now: str, then: str) -> bool:
    """Whether the table has this step."""
    return PaymentState(then) in TRANSITIONS[PaymentState(now)]
