"""One debit-credit pair of an entry."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.account import LedgerAccount
from ledger.models.entry import JournalEntry


class JournalPosting(models.Model):
    """A pair is balanced by construction: the amount left one account and reached the other."""

    entry = models.ForeignKey(
        JournalEntry,
        verbose_name=_("journal entry"),
        on_delete=models.PROTECT,
        related_name="postings",
    )
    debit_account = models.ForeignKey(
        LedgerAccount,
        verbose_name=_("debit account"),
        on_delete=models.PROTECT,
        related_name="debit_postings",
        db_index=False,
    )
    credit_account = models.ForeignKey(
        LedgerAccount,
        verbose_name=_("credit account"),
        on_delete=models.PROTECT,
        related_name="credit_postings",
        db_index=False,
    )
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        db_table = "ledger_posting"
        verbose_name = _("posting")
        verbose_name_plural = _("postings")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["debit_account", "id"], name="ledger_posting_debits_of"),
            models.Index(fields=["credit_account", "id"], name="ledger_posting_credits_of"),
        ]
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="ledger_posting_amount_positive"
            ),
            models.CheckConstraint(
                condition=~Q(debit_account=F("credit_account")),
                name="ledger_posting_accounts_differ",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.debit_account_id} -> {self.credit_account_id}: {self.amount_minor}"
