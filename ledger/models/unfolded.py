"""The queue of increases that a hot account has not added up yet."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.models.account import LedgerAccount


class UnfoldedIncrease(models.Model):
    """`amount_minor` was posted on the increasing side of a hot account and awaits folding.

    Not a journal: the posting is the record. A row is written with its posting, never changed,
    and removed in the transaction that adds it to the account's counter, under the account's lock.
    """

    account = models.ForeignKey(
        LedgerAccount,
        verbose_name=_("ledger account"),
        on_delete=models.PROTECT,
        related_name="unfolded_increases",
        # The account is locked by whoever writes a row, and accounts cannot be deleted: a foreign
        # key would look the same hot row up once more for every payment.
        db_constraint=False,
    )
    amount_minor = models.BigIntegerField(_("amount"))

    class Meta:
        db_table = "ledger_unfolded_increase"
        verbose_name = _("unfolded increase")
        verbose_name_plural = _("unfolded increases")
        constraints = [
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="ledger_unfolded_increase_amount_positive"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.account_id}: {self.amount_minor}"
