"""What does not agree, and what staff did about it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from payments.banking.reconciliation.models.files import BankFile
from payments.banking.reconciliation.states import UNRESOLVED, CaseKind, CaseState


class ReconciliationCase(models.Model):
    """Something between the books and the bank that a person has to look at. Never deleted.

    `key` names the trouble, so that it opens one case however often it is found. `facts` holds
    references, amounts and days; no names, no account numbers.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    key = models.CharField(max_length=120, unique=True)
    kind = models.CharField(_("what"), max_length=20, choices=CaseKind)
    state = models.CharField(_("state"), max_length=8, choices=CaseState, default=CaseState.OPEN)
    at_risk_minor = models.BigIntegerField(_("money at risk, minor units"), default=0)
    currency = models.CharField(_("currency"), max_length=3, blank=True, default="")
    facts = models.JSONField(_("facts"), default=dict)
    file = models.ForeignKey(
        BankFile,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("file"),
    )
    order = models.ForeignKey(
        "payments.BankOrder",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="cases",
        verbose_name=_("bank order"),
    )
    assigned_to = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("assigned to"),
    )
    opened_at = models.DateTimeField(_("opened"), default=timezone.now, editable=False)
    resolved_at = models.DateTimeField(_("resolved at"), null=True, blank=True)

    class Meta:
        verbose_name = _("reconciliation case")
        verbose_name_plural = _("reconciliation cases")
        ordering = ("opened_at", "pk")
        permissions = (("work_on_cases", "Can work on reconciliation cases"),)
        indexes = (
            models.Index(
                fields=["opened_at"],
                condition=Q(state__in=[str(state) for state in UNRESOLVED]),
                name="case_unresolved",
            ),
        )

    def __str__(self) -> str:
        return f"{self.get_kind_display()} ({self.pk})"

    @property
    def is_resolved(self) -> bool:
        """Nothing is left to do."""
        return self.state == CaseState.RESOLVED


class CaseNote(models.Model):
    """One thing said or done about a case: who, when, from, to, why. Append-only."""

    case = models.ForeignKey(
        ReconciliationCase,
        on_delete=models.PROTECT,
        related_name="notes",
        verbose_name=_("reconciliation case"),
    )
    from_state = models.CharField(_("from"), max_length=8, choices=CaseState, blank=True)
    to_state = models.CharField(_("to"), max_length=8, choices=CaseState)
    # "" on the first note, which is the system's.
    text = models.CharField(_("note"), max_length=500)
    # None: the system itself.
    by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("by"),
    )
    at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("note on a case")
        verbose_name_plural = _("notes on cases")
        ordering = ("pk",)

    def __str__(self) -> str:
        return f"note {self.pk} on case {self.case_id}"

    @property
    def shown_text(self) -> str:
        """What a page shows: the system's own note in the reader's language."""
        return self.text or str(_("found by the system"))
