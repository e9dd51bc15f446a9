"""What may become of a standing order, and of each of its runs."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class OrderState(models.TextChoices):
    """Where a standing order is."""

    DRAFT = "draft", _("Not authorised yet")
    ACTIVE = "active", pgettext_lazy("standing order", "Active")
    PAUSED = "paused", pgettext_lazy("standing order", "Paused")
    FINISHED = "finished", pgettext_lazy("standing order", "Finished")
    CANCELLED = "cancelled", _("Cancelled")
    EXPIRED = "expired", _("Expired")


ORDER_TRANSITIONS: dict[OrderState, frozenset[OrderState]] = {
    OrderState.DRAFT: frozenset({OrderState.ACTIVE, OrderState.EXPIRED}),
    OrderState.ACTIVE: frozenset({OrderState.PAUSED, OrderState.FINISHED, OrderState.CANCELLED}),
    OrderState.PAUSED: frozenset({OrderState.ACTIVE, OrderState.FINISHED, OrderState.CANCELLED}),
    # Active again: a clock that had jumped ahead went back (see `planning.rewind`). Cancelled: its
    # last date is still being retried.
    OrderState.FINISHED: frozenset({OrderState.ACTIVE, OrderState.CANCELLED}),
    OrderState.CANCELLED: frozenset(),
    OrderState.EXPIRED: frozenset(),
}


class RunState(models.TextChoices):
    """Where one date of a standing order is. Only `waiting` changes."""

    WAITING = "waiting", pgettext_lazy("date of a standing order", "Waiting")
    PAID = "paid", _("Paid")
    FAILED = "failed", _("Failed")
    SKIPPED = "skipped", pgettext_lazy("date of a standing order", "Skipped")
    MISSED = "missed", pgettext_lazy("date of a standing order", "Missed")


class Repeats(models.TextChoices):
    """How often."""

    ONCE = "once", pgettext_lazy("how often", "Once")
    DAILY = "daily", pgettext_lazy("how often", "Every day")
    WEEKLY = "weekly", pgettext_lazy("how often", "Every week")
    MONTHLY = "monthly", pgettext_lazy("how often", "Every month")
    YEARLY = "yearly", pgettext_lazy("how often", "Every year")
