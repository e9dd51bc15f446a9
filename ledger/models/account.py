"""A bookkeeping account: four counters and the constraints that make an overdraft impossible."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.values import CREDIT_NORMAL, DEBIT_NORMAL, AccountHotness, AccountKind

# What the account may still spend is never below zero: holds count as spent.
NEVER_OVERDRAWN = Q(
    kind__in=DEBIT_NORMAL, debits_posted__gte=F("credits_posted") + F("credits_pending")
) | Q(kind__in=CREDIT_NORMAL, credits_posted__gte=F("debits_posted") + F("debits_pending"))

# What the account could come to hold, holds on their way in included, is never above its cap.
WITHIN_CAP = (
    Q(balance_cap_minor__isnull=True)
    | Q(
        kind__in=DEBIT_NORMAL,
        balance_cap_minor__gte=F("debits_posted") + F("debits_pending") - F("credits_posted"),
    )
    | Q(
        kind__in=CREDIT_NORMAL,
        balance_cap_minor__gte=F("credits_posted") + F("credits_pending") - F("debits_posted"),
    )
)


class LedgerAccount(models.Model):
    """Who owes what: one line of the chart of accounts.

    Counters only grow (posted) or reserve and release (pending), in minor units. A customer's
    wallet is a liability: a credit raises it. Increases of a HOT account wait in
    `UnfoldedIncrease`; its counters lag behind by exactly those rows, which is safe: a counter
    that lags on the increasing side can only understate what may be spent.
    """

    code = models.CharField(_("code"), max_length=100)
    kind = models.CharField(_("kind"), max_length=9, choices=AccountKind.choices)
    currency = models.CharField(_("currency"), max_length=3)
    is_hot = models.BooleanField(_("hot"), default=False)
    debits_posted = models.BigIntegerField(_("debits posted"), default=0)
    credits_posted = models.BigIntegerField(_("credits posted"), default=0)
    debits_pending = models.BigIntegerField(_("debits pending"), default=0)
    credits_pending = models.BigIntegerField(_("credits pending"), default=0)
    balance_cap_minor = models.BigIntegerField(_("balance cap"), null=True, blank=True)
    opened_at = models.DateTimeField(_("opened at"))
    closed_at = models.DateTimeField(_("closed at"), null=True, blank=True)

    class Meta:
        db_table = "ledger_account"
        verbose_name = _("ledger account")
        verbose_name_plural = _("ledger accounts")
        ordering = ["code"]
        constraints = [
            # A named constraint, not unique=True: that would add a second index for LIKE.
            models.UniqueConstraint(fields=["code"], name="ledger_account_code_unique"),
            models.CheckConstraint(
                condition=Q(kind__in=AccountKind.values), name="ledger_account_kind_known"
            ),
            models.CheckConstraint(
                condition=Q(debits_posted__gte=0)
                & Q(credits_posted__gte=0)
                & Q(debits_pending__gte=0)
                & Q(credits_pending__gte=0),
                name="ledger_account_counters_not_negative",
            ),
            models.CheckConstraint(
                condition=NEVER_OVERDRAWN, name="ledger_account_never_overdrawn"
            ),
            models.CheckConstraint(condition=WITHIN_CAP, name="ledger_account_within_cap"),
            models.CheckConstraint(
                condition=Q(is_hot=False) | Q(balance_cap_minor__isnull=True),
                name="ledger_account_hot_has_no_cap",
            ),
        ]

    def __str__(self) -> str:
        return self.code

    @property
    def is_debit_normal(self) -> bool:
        """True where a debit raises the balance."""
        return self.kind in DEBIT_NORMAL

    @property
    def hotness(self) -> AccountHotness:
        """The flag as the value callers use."""
        return AccountHotness.HOT if self.is_hot else AccountHotness.NORMAL
