"""Statements of our account at the bank, their rows, and what became of each row."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.banking.reconciliation.models.cases import ReconciliationCase
from payments.banking.reconciliation.models.files import BankFile
from payments.banking.reconciliation.states import DIRECTIONS, EntryResult


class BankStatement(models.Model):
    """One statement (camt.053) or notice (camt.054) of our account. Append-only."""

    file = models.ForeignKey(
        BankFile, on_delete=models.PROTECT, related_name="statements", verbose_name=_("file")
    )
    kind = models.CharField(_("message"), max_length=8)
    account = models.CharField(_("our account"), max_length=34)
    identification = models.CharField(_("statement id"), max_length=35)
    sequence = models.BigIntegerField(_("number"), null=True, blank=True)
    currency = models.CharField(_("currency"), max_length=3)
    opening_minor = models.BigIntegerField(_("opening balance, minor units"), null=True, blank=True)
    closing_minor = models.BigIntegerField(_("closing balance, minor units"), null=True, blank=True)
    closed_on = models.DateField(_("day"), null=True, blank=True)
    content_digest = models.CharField(max_length=64)
    imported_at = models.DateTimeField(_("imported"), default=timezone.now)

    class Meta:
        verbose_name = _("bank statement")
        verbose_name_plural = _("bank statements")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["account", "kind", "identification"], name="bank_statement_once"
            ),
        )

    def __str__(self) -> str:
        return self.identification


class StatementEntry(models.Model):
    """One row of a statement, as the bank wrote it. Append-only."""

    statement = models.ForeignKey(
        BankStatement,
        on_delete=models.PROTECT,
        related_name="entries",
        verbose_name=_("bank statement"),
    )
    number = models.PositiveIntegerField(_("row"))
    direction = models.CharField(
        _("direction"),
        max_length=6,
        choices=DIRECTIONS,
    )
    amount_minor = models.BigIntegerField(_("amount, minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    is_booked = models.BooleanField(_("booked"))
    is_return = models.BooleanField(_("a return"), default=False)
    return_reason = models.CharField(_("reason of the return"), max_length=35, blank=True)
    end_to_end_id = models.CharField(_("end-to-end id"), max_length=35, blank=True)
    bank_reference = models.CharField(_("the bank's reference"), max_length=35, blank=True)
    booked_on = models.DateField(_("booked on"), null=True, blank=True)
    account_index = models.CharField(max_length=64, blank=True)
    # Encrypted: the other side's name, account and remittance text.
    details_token = models.TextField(blank=True)

    class Meta:
        verbose_name = _("row of a statement")
        verbose_name_plural = _("rows of statements")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=["bank_reference"],
                condition=~Q(bank_reference=""),
                name="statement_entry_by_reference",
            ),
        )
        constraints = (
            models.UniqueConstraint(fields=["statement", "number"], name="statement_entry_once"),
        )

    def __str__(self) -> str:
        return f"row {self.number} of {self.statement_id}"

    @property
    def signed_minor(self) -> int:
        """More on our account is positive."""
        return self.amount_minor if self.direction == "credit" else -self.amount_minor


class EntryOutcome(models.Model):
    """What became of a row, decided once; without one the row still waits. Append-only."""

    entry = models.OneToOneField(
        StatementEntry,
        on_delete=models.PROTECT,
        related_name="outcome",
        verbose_name=_("row of a statement"),
    )
    # The statement's kind again, for the constraint below.
    kind = models.CharField(max_length=8)
    result = models.CharField(_("result"), max_length=10, choices=EntryResult)
    order = models.ForeignKey(
        "payments.BankOrder",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="statement_outcomes",
        verbose_name=_("bank order"),
    )
    case = models.ForeignKey(
        ReconciliationCase,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="outcomes",
        verbose_name=_("case"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("outcome of a row")
        verbose_name_plural = _("outcomes of rows")
        ordering = ("-pk",)
        constraints = (
            # One booking and one return for an order, whoever imports what how often.
            models.UniqueConstraint(
                fields=["order", "kind"],
                condition=Q(result="matched"),
                name="entry_outcome_matched_once",
            ),
            models.UniqueConstraint(
                fields=["order", "kind"],
                condition=Q(result__in=["returned", "parked"]),
                name="entry_outcome_returned_once",
            ),
        )

    def __str__(self) -> str:
        return f"{self.result} ({self.entry_id})"
