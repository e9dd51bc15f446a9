"""Files to and from the bank, and the orders that travel in them."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.banking.reconciliation.states import FileDirection, FileOrderState, FileState


class BankFile(models.Model):
    """One file. A file of ours is this row first: whatever dies afterwards, the same bytes are
    put into the folder under the same name, and never others."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    direction = models.CharField(_("direction"), max_length=3, choices=FileDirection)
    kind = models.CharField(_("message"), max_length=20, blank=True, default="")
    name = models.CharField(_("file name"), max_length=200)
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    message_id = models.CharField(_("message id"), max_length=35, blank=True, default="")
    state = models.CharField(_("state"), max_length=8, choices=FileState)
    row_count = models.PositiveIntegerField(_("rows"), default=0)
    total_minor = models.BigIntegerField(_("sum, minor units"), default=0)
    # Ours only, encrypted: it names people and their accounts.
    content_token = models.TextField(blank=True, default="")
    fault = models.CharField(_("why refused"), max_length=40, blank=True, default="")
    fault_place = models.CharField(_("where"), max_length=200, blank=True, default="")
    created_at = models.DateTimeField(_("written down"), default=timezone.now)
    done_at = models.DateTimeField(_("placed or imported"), null=True, blank=True)
    # When the last row of a file from the bank was decided.
    worked_out_at = models.DateTimeField(_("worked out"), null=True, blank=True)

    class Meta:
        verbose_name = _("bank file")
        verbose_name_plural = _("bank files")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=["id"],
                condition=Q(worked_out_at=None, direction="in"),
                name="bank_file_not_worked_out",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["direction", "sha256"], name="bank_file_once"),
            models.UniqueConstraint(
                fields=["message_id"],
                condition=Q(direction="out"),
                name="bank_file_message_id_once",
            ),
        )

    def __str__(self) -> str:
        return f"file {self.pk} ({self.kind or '?'})"


class FileOrder(models.Model):
    """An order as the file rail knows it: in at most one file, for ever.

    The payee's name and account number are kept encrypted, the number also as a blind index, to
    compare it with what the bank says.
    """

    reference = models.CharField(_("reference"), max_length=35, unique=True)
    direction = models.CharField(_("direction"), max_length=10)
    payee_token = models.TextField()
    account_index = models.CharField(max_length=64)
    last4 = models.CharField(_("account ends in"), max_length=4)
    clearing_code = models.CharField(_("clearing code"), max_length=35, blank=True, default="")
    amount_minor = models.BigIntegerField(_("amount, minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    state = models.CharField(
        _("state"), max_length=8, choices=FileOrderState, default=FileOrderState.WAITING
    )
    reason = models.CharField(_("the bank's reason"), max_length=40, blank=True, default="")
    bank_reference = models.CharField(
        _("the bank's reference"), max_length=35, blank=True, default=""
    )
    file = models.ForeignKey(
        BankFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="orders",
        verbose_name=_("file"),
    )
    received_at = models.DateTimeField(_("received"), default=timezone.now)
    answered_at = models.DateTimeField(_("final answer"), null=True, blank=True)

    class Meta:
        verbose_name = _("order in a file")
        verbose_name_plural = _("orders in files")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=["received_at"], condition=Q(state="waiting"), name="file_order_waiting"
            ),
        )
        constraints = (
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="file_order_amount_positive"
            ),
        )

    def __str__(self) -> str:
        return self.reference


class FileOrderStep(models.Model):
    """One step of an order: from, to, what was said, in which file. Append-only."""

    order = models.ForeignKey(
        FileOrder, on_delete=models.PROTECT, related_name="steps", verbose_name=_("order")
    )
    from_state = models.CharField(_("from"), max_length=8, choices=FileOrderState)
    to_state = models.CharField(_("to"), max_length=8, choices=FileOrderState)
    said = models.CharField(_("said"), max_length=40)
    reason = models.CharField(_("reason code"), max_length=40, blank=True, default="")
    file = models.ForeignKey(
        BankFile, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("file")
    )
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("step of an order in a file")
        verbose_name_plural = _("steps of orders in files")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.from_state} > {self.to_state}"
