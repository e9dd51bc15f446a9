"""Where a batch is, and what became of a line."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class BatchState(models.TextChoices):
    """draft -> running -> done; a draft may also be discarded or expire."""

    DRAFT = "draft", _("Not sent yet")
    RUNNING = "running", _("Being sent")
    DONE = "done", _("Finished")
    DISCARDED = "discarded", _("Discarded")
    EXPIRED = "expired", _("Expired")


class LineOutcome(models.TextChoices):
    """What became of a line; empty while the batch is a draft."""

    WAITING = "waiting", _("Waiting")
    PAID = "paid", _("Sent")
    NOT_PAID = "not_paid", _("Not sent")
