"""Wishes to close a wallet."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class WalletClosing(models.Model):
    """One wish to close: asked for, then taken back, or carried out once its day has come.

    Stopped: on that day something stood in the way; its owner decides how to go on.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    wallet = models.ForeignKey(
        "payments.Wallet",
        on_delete=models.PROTECT,
        related_name="closings",
        verbose_name=_("wallet"),
    )
    asked_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("asked by"),
    )
    asked_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    closes_at = models.DateTimeField(_("closes"))
    stopped_at = models.DateTimeField(_("stopped"), null=True, blank=True)
    taken_back_at = models.DateTimeField(_("taken back"), null=True, blank=True)
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("closing of a wallet")
        verbose_name_plural = _("closings of wallets")
        ordering = ("-pk",)
        constraints = [
            models.UniqueConstraint(
                fields=["wallet"],
                condition=Q(taken_back_at=None, closed_at=None),
                name="payments_closing_one_open",
            ),
            models.CheckConstraint(
                condition=Q(taken_back_at=None) | Q(closed_at=None),
                name="payments_closing_one_end",
            ),
        ]
        indexes = [
            models.Index(
                fields=["closes_at"],
                condition=Q(taken_back_at=None, closed_at=None, stopped_at=None),
                name="payments_closing_due",
            )
        ]

    def __str__(self) -> str:
        return f"closing {self.pk}"

    @property
    def is_due(self) -> bool:
        """Whether its day has come, so that the next sweep closes it."""
        return self.closes_at <= timezone.now()
