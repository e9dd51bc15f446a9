"""Cases for staff: what the clearing of bank orders must not decide by itself."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.banking.cases.states import CaseEnd, CaseKind, CaseState, StepKind


class PaymentCase(models.Model):
    """One question about one bank order that a person has to answer, with evidence.

    (`ReconciliationCase` is about a row of a statement; this is about an order of ours.)
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    kind = models.CharField(_("kind"), max_length=20, choices=CaseKind)
    state = models.CharField(_("state"), max_length=10, choices=CaseState, default=CaseState.OPEN)
    order = models.ForeignKey(
        "payments.BankOrder",
        on_delete=models.PROTECT,
        related_name="payment_cases",
        verbose_name=_("bank order"),
    )
    payment = models.ForeignKey(
        "payments.Payment",
        on_delete=models.PROTECT,
        related_name="payment_cases",
        verbose_name=_("payment"),
    )
    amount_minor = models.BigIntegerField(_("amount, minor units"))
    currency = models.CharField(_("currency"), max_length=3)
    is_money_at_risk = models.BooleanField(_("money at risk"), default=False)
    # What the bank said that opened it: an outcome or a problem.
    said = models.CharField(_("what the bank said"), max_length=40, blank=True, default="")
    opened_at = models.DateTimeField(_("opened"), default=timezone.now, editable=False)
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("who is on it"),
    )
    assigned_at = models.DateTimeField(_("taken"), null=True, blank=True)
    end = models.CharField(_("end"), max_length=20, choices=CaseEnd, blank=True, default="")
    evidence = models.TextField(_("evidence"), blank=True, default="")
    proposed_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("proposed by"),
    )
    approved_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("approved by"),
    )
    closed_at = models.DateTimeField(_("closed"), null=True, blank=True)

    class Meta:
        verbose_name = _("payment case")
        verbose_name_plural = _("payment cases")
        # The queue: money at risk on top, then the longest waiting.
        ordering = ("-is_money_at_risk", "opened_at", "pk")
        permissions = (("work_on_cases", "Can work on payment cases"),)
        indexes = (
            models.Index(
                fields=["-is_money_at_risk", "opened_at"],
                condition=~Q(state="closed"),
                name="payment_case_queue",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["order", "kind"],
                condition=~Q(state="closed"),
                name="payment_case_one_open_per_kind",
            ),
            models.CheckConstraint(
                condition=Q(approved_by=None) | ~Q(approved_by=models.F("proposed_by")),
                name="payment_case_two_people",
            ),
        )

    def __str__(self) -> str:
        return self.number

    @property
    def number(self) -> str:
        """How people call it: "K-000123"."""
        return f"K-{self.pk:06d}"


class CaseStep(models.Model):
    """What was done about a case: when, by whom, in which words. Append-only."""

    case = models.ForeignKey(
        PaymentCase, on_delete=models.PROTECT, related_name="steps", verbose_name=_("case")
    )
    kind = models.CharField(_("what"), max_length=12, choices=StepKind)
    # None: the system itself.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    text = models.TextField(_("words"), blank=True, default="")
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("step of a case")
        verbose_name_plural = _("steps of cases")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"{self.kind} of case {self.case_id}"
