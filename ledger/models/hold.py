"""A reservation of money and its one end."""

from __future__ import annotations

from django.db import models
from django.db.models import F, Q
from django.utils.translation import gettext_lazy as _

from ledger.models.account import LedgerAccount
from ledger.models.entry import JournalEntry
from ledger.values import KEY_LENGTH


class HoldOutcome(models.TextChoices):
    """The three ends of a hold."""

    CAPTURED = "captured", _("Captured")
    VOIDED = "voided", _("Voided")
    EXPIRED = "expired", _("Expired")


class Hold(models.Model):
    """`amount_minor` is promised from the debit account to the credit account, until it ends.

    The row never changes; a hold is open as long as it has no `HoldResolution`.
    """

    key = models.CharField(_("key"), max_length=KEY_LENGTH)
    input_digest = models.CharField(_("input digest"), max_length=64)
    debit_account = models.ForeignKey(
        LedgerAccount,
        verbose_name=_("debit account"),
        on_delete=models.PROTECT,
        related_name="debit_holds",
    )
    credit_account = models.ForeignKey(
        LedgerAccount,
        verbose_name=_("credit account"),
        on_delete=models.PROTECT,
        related_name="credit_holds",
    )
    amount_minor = models.BigIntegerField(_("amount"))
    expires_at = models.DateTimeField(_("expires at"), db_index=True)
    created_at = models.DateTimeField(_("created at"))

    # Set on what place_hold returns: the same request was answered before.
    is_replay: bool = False

    class Meta:
        db_table = "ledger_hold"
        verbose_name = _("hold")
        verbose_name_plural = _("holds")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ledger_hold_key_unique"),
            models.CheckConstraint(
                condition=Q(amount_minor__gt=0), name="ledger_hold_amount_positive"
            ),
            models.CheckConstraint(
                condition=~Q(debit_account=F("credit_account")),
                name="ledger_hold_accounts_differ",
            ),
        ]

    def __str__(self) -> str:
        return self.key


class HoldResolution(models.Model):
    """How a hold ended. One row per hold, so a hold ends once."""

    hold = models.OneToOneField(
        Hold, verbose_name=_("hold"), on_delete=models.PROTECT, related_name="resolution"
    )
    key = models.CharField(_("key"), max_length=KEY_LENGTH)
    outcome = models.CharField(_("outcome"), max_length=8, choices=HoldOutcome.choices)
    captured_minor = models.BigIntegerField(_("captured amount"), default=0)
    entry = models.OneToOneField(
        JournalEntry,
        verbose_name=_("journal entry"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="captured_hold",
    )
    created_at = models.DateTimeField(_("created at"))

    is_replay: bool = False

    class Meta:
        db_table = "ledger_hold_resolution"
        verbose_name = _("hold resolution")
        verbose_name_plural = _("hold resolutions")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ledger_hold_resolution_key_unique"),
            models.CheckConstraint(
                condition=Q(outcome="captured", captured_minor__gt=0, entry__isnull=False)
                | Q(outcome__in=["voided", "expired"], captured_minor=0, entry__isnull=True),
                name="ledger_hold_resolution_entry_only_when_captured",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.hold_id} {self.outcome}"
