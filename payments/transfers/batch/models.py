"""A file of transfers, line by line. A draft is deleted with all it says; what was sent stays."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.transfers.batch.states import BatchState, LineOutcome


class TransferBatch(models.Model):
    """Whose file, and how far it is. `state` changes by conditional UPDATE or under the lock."""

    public_id = models.UUIDField(_("public id"), default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("owner"),
    )
    wallet = models.ForeignKey(
        "payments.Wallet",
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("wallet"),
    )
    state = models.CharField(
        _("state"), max_length=10, choices=BatchState, default=BatchState.DRAFT
    )
    file_name = models.CharField(_("file"), max_length=80, blank=True, default="")
    # Keyed, of what the lines say: tells the same file again without telling what was in it.
    content_hash = models.CharField(_("hash of the content"), max_length=64)
    line_count = models.PositiveIntegerField(_("lines"))
    good_count = models.PositiveIntegerField(_("good lines"))
    good_minor = models.BigIntegerField(_("amount of the good lines"))
    currency = models.CharField(_("currency"), max_length=3)
    is_proved = models.BooleanField(_("second proof given"), default=False, db_default=False)
    is_repeat_wanted = models.BooleanField(_("sent again on purpose"), default=False)
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("expires at"))
    confirmed_at = models.DateTimeField(_("confirmed at"), null=True, blank=True)
    # What has not been sent by then is not sent any more.
    runs_until = models.DateTimeField(_("runs until"), null=True, blank=True)
    stopped_at = models.DateTimeField(_("stopped at"), null=True, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True, blank=True)
    claimed_until = models.DateTimeField(_("claimed until"), null=True, blank=True)

    class Meta:
        verbose_name = _("batch of transfers")
        verbose_name_plural = _("batches of transfers")
        indexes = [
            models.Index(fields=["owner", "-id"], name="payments_batch_by_owner"),
            models.Index(fields=["owner", "content_hash"], name="payments_batch_same_file"),
            models.Index(
                fields=["state", "expires_at"],
                condition=Q(state__in=["draft", "running"]),
                name="payments_batch_open",
            ),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(state__in=BatchState.values), name="payments_batch_state_known"
            ),
            models.CheckConstraint(
                condition=~Q(state__in=["running", "done"]) | Q(confirmed_at__isnull=False),
                name="payments_batch_runs_only_when_confirmed",
            ),
        ]

    def __str__(self) -> str:
        return str(self.public_id)

    @property
    def bad_count(self) -> int:
        """Lines with a fault."""
        return self.line_count - self.good_count

    @property
    def shown_state(self) -> str:
        """The state a page shows: a draft whose time is over reads as expired at once."""
        is_over = self.state == BatchState.DRAFT and self.expires_at <= timezone.now()
        return BatchState.EXPIRED if is_over else self.state


class BatchLine(models.Model):
    """One line: what it asks for, what is wrong with it, what became of it."""

    batch = models.ForeignKey(
        TransferBatch, on_delete=models.CASCADE, related_name="lines", verbose_name=_("batch")
    )
    number = models.PositiveIntegerField(_("line"))
    # As typed, for the preview; emptied when the batch is sent.
    payee_typed = models.CharField(_("payee as typed"), max_length=80, blank=True, default="")
    amount_typed = models.CharField(_("amount as typed"), max_length=80, blank=True, default="")
    payee_key = models.CharField(_("phone or wallet number"), max_length=32, blank=True, default="")
    payee_wallet = models.ForeignKey(
        "payments.Wallet",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("payee's wallet"),
    )
    payee_label = models.CharField(_("payee"), max_length=100, blank=True, default="")
    amount_minor = models.BigIntegerField(_("amount"), null=True, blank=True)
    note = models.CharField(_("note"), max_length=80, blank=True, default="")
    # [{"field", "code", "params"}]; the words stand in `problems.py`.
    problems = models.JSONField(_("problems"), default=list, blank=True)
    outcome = models.CharField(
        _("outcome"), max_length=8, choices=LineOutcome, blank=True, default=""
    )
    failure_code = models.CharField(_("why not"), max_length=60, blank=True, default="")
    payment = models.OneToOneField(
        "payments.Payment",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="batch_line",
        verbose_name=_("payment"),
    )

    class Meta:
        verbose_name = _("line of a batch")
        verbose_name_plural = _("lines of batches")
        ordering = ["pk"]
        constraints = [
            models.UniqueConstraint(
                fields=["batch", "number"], name="payments_batch_line_number_once"
            ),
            models.CheckConstraint(
                condition=~Q(outcome="paid") | Q(payment__isnull=False),
                name="payments_batch_line_paid_by_a_payment",
            ),
        ]

    def __str__(self) -> str:
        return str(self.number)

    @property
    def is_good(self) -> bool:
        """Nothing is wrong with it."""
        return not self.problems
