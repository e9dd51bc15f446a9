"""What support did: every look at a customer, every check of a caller, every lock ended."""

from __future__ import annotations

import uuid
from datetime import datetime, timedelta

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SupportVisit(models.Model):
    """A customer's record opened by one agent for one reason. Append-only; good for 15 minutes."""

    class Why(models.TextChoices):
        CALL = "call", _("The customer is calling")
        VISIT = "visit", _("The customer is at the counter")
        REPORT = "report", _("A report of misuse")
        CASE = "case", _("A support case")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("agent"),
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="support_visits",
        verbose_name=_("customer"),
    )
    why = models.CharField(_("why"), max_length=10, choices=Why)
    # The case it was opened from, if it was.
    case = models.ForeignKey(
        "accounts.Case",
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="visits",
        verbose_name=_("support case"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    created_at = models.DateTimeField(_("opened"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("support visit")
        verbose_name_plural = _("support visits")
        ordering = ("-pk",)
        permissions = (("use_desk", "Can use the support desk"),)

    def __str__(self) -> str:
        return f"visit {self.pk}"

    @property
    def ends_at(self) -> datetime:
        """Until when the record stays open for this agent."""
        return self.created_at + timedelta(seconds=settings.SUPPORT["visit_seconds"])

    @property
    def is_open(self) -> bool:
        """Whether the agent may still look."""
        return timezone.now() < self.ends_at


class CallerCheck(models.Model):
    """What the caller has shown in a visit; one row per visit, changed under its lock."""

    visit = models.OneToOneField(SupportVisit, on_delete=models.PROTECT, related_name="check_row")
    id_tries = models.PositiveSmallIntegerField(default=0)
    id_matched_at = models.DateTimeField(null=True, blank=True)
    challenge_id = models.UUIDField(null=True, blank=True)
    code_matched_at = models.DateTimeField(null=True, blank=True)
    # The code that the caller's own pages showed them, signed in.
    shown_matched_at = models.DateTimeField(null=True, blank=True)
    # The question that is open: key, text, choices and which of them is right.
    question = models.JSONField(default=dict, blank=True, db_default={})
    asked = models.JSONField(default=list, blank=True, db_default=[])
    # The agent has seen the ID document, at the counter.
    document_seen_at = models.DateTimeField(null=True, blank=True)
    answers_right = models.PositiveSmallIntegerField(default=0, db_default=0)
    answers_wrong = models.PositiveSmallIntegerField(default=0, db_default=0)

    class Meta:
        verbose_name = _("caller check")
        verbose_name_plural = _("caller checks")

    def __str__(self) -> str:
        return f"check of visit {self.visit_id}"


class SupportAction(models.Model):
    """Something an agent did for a customer, and why. Append-only."""

    class Action(models.TextChoices):
        REVEALED = "revealed", _("Showed phone and name")
        SIGN_IN_UNLOCKED = "sign_in", _("Ended the sign-in lock")
        PROPOSED = "proposed", _("Proposed what takes a second person")
        PAYMENT_UNLOCKED = "payment_password", _("Ended the payment password lock")

    visit = models.ForeignKey(
        SupportVisit,
        on_delete=models.PROTECT,
        related_name="actions",
        verbose_name=_("support visit"),
    )
    action = models.CharField(_("action"), max_length=20, choices=Action)
    reason = models.CharField(_("reason"), max_length=200)
    created_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("support action")
        verbose_name_plural = _("support actions")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"{self.action} in visit {self.visit_id}"
