"""The memory of the simulated bank that speaks files; the wallet knows it only by its files."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SandboxStatement(models.Model):
    """A statement that the simulated bank wrote."""

    number = models.PositiveIntegerField(_("number"), unique=True)
    closing_minor = models.BigIntegerField(_("closing balance, minor units"))
    closed_on = models.DateField(_("day"))
    created_at = models.DateTimeField(_("written"), default=timezone.now)

    class Meta:
        verbose_name = _("statement of the sandbox bank")
        verbose_name_plural = _("statements of the sandbox bank")
        ordering = ("-number",)

    def __str__(self) -> str:
        return f"sandbox statement {self.number}"


class SandboxMovement(models.Model):
    """Something that moves on our account there; on a statement, or waiting for one."""

    bank_reference = models.CharField(_("bank reference"), max_length=35, unique=True)
    end_to_end_id = models.CharField(_("end-to-end id"), max_length=35, blank=True)
    direction = models.CharField(_("direction"), max_length=6)
    amount_minor = models.BigIntegerField(_("amount, minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    is_return = models.BooleanField(_("a return"), default=False)
    reason = models.CharField(_("reason"), max_length=4, blank=True, default="")
    account_token = models.TextField(blank=True, default="")
    # The first statement that may carry it: a return comes on the next day's.
    not_before = models.PositiveIntegerField(default=0)
    statement = models.ForeignKey(
        SandboxStatement,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="movements",
        verbose_name=_("statement"),
    )

    class Meta:
        verbose_name = _("movement at the sandbox bank")
        verbose_name_plural = _("movements at the sandbox bank")
        ordering = ("pk",)

    def __str__(self) -> str:
        return self.bank_reference
