"""Codes sent to phones: what was asked for, what was sent, and what it may still do."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.phone.states import SmsState


class Challenge(models.Model):
    """One question "is this phone yours?", asked for one purpose in one browser session.

    Several codes may be sent for it; only the newest counts, and one right answer ends it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=30)
    phone = models.CharField(_("phone number"), max_length=20)
    session_hash = models.CharField(max_length=64)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        null=True,
        blank=True,
        related_name="phone_challenges",
        verbose_name=_("person"),
    )
    bound_to = models.CharField(max_length=200, blank=True, default="")
    message_params = models.JSONField(default=dict, blank=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    consumed_at = models.DateTimeField(_("answered"), null=True, blank=True)

    class Meta:
        verbose_name = _("phone check")
        verbose_name_plural = _("phone checks")
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["phone", "purpose", "-created_at"], name="challenge_by_phone"),
        )

    def __str__(self) -> str:
        return f"{self.purpose} {self.pk}"


class SmsCode(models.Model):
    """One message on its way: the row is the truth, the broker only wakes the sender up.

    `code_encrypted` is wiped as soon as the provider has the message; what the person types is
    compared with a keyed hash.
    """

    challenge = models.ForeignKey(Challenge, on_delete=models.CASCADE, related_name="codes")
    phone = models.CharField(_("phone number"), max_length=20)
    purpose = models.CharField(_("purpose"), max_length=30)
    address_hash = models.CharField(max_length=64, blank=True, default="")
    message = models.CharField(max_length=30)
    locale = models.CharField(max_length=10)
    code_encrypted = models.TextField(blank=True, default="")
    code_hash = models.CharField(max_length=64)
    wrong = models.PositiveSmallIntegerField(_("wrong tries"), default=0)
    state = models.CharField(_("delivery"), max_length=10, choices=SmsState, default=SmsState.DUE)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    claimed_until = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(_("asked"), default=timezone.now)
    expires_at = models.DateTimeField(_("valid until"))
    handed_at = models.DateTimeField(_("handed to the provider"), null=True, blank=True)
    ended_at = models.DateTimeField(_("delivered or failed"), null=True, blank=True)
    provider_reference = models.CharField(max_length=100, blank=True, default="")

    class Meta:
        verbose_name = _("code message")
        verbose_name_plural = _("code messages")
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["phone", "-created_at"], name="sms_code_by_phone"),
            models.Index(fields=["address_hash", "-created_at"], name="sms_code_by_address"),
            models.Index(fields=["-created_at"], name="sms_code_by_time"),
            models.Index(fields=["expires_at"], condition=Q(state="due"), name="sms_code_due"),
        )

    def __str__(self) -> str:
        return f"code message {self.pk}"


class SendGate(models.Model):
    """The row that everybody who wants something of a number or an address locks first, so that
    of parallel requests each sees what the one before it did."""

    scope = models.CharField(max_length=10)
    subject_hash = models.CharField(max_length=64)
    # Seconds since 1970 of wrong codes typed for the number, oldest first.
    wrong_times = models.JSONField(default=list)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["scope", "subject_hash"], name="send_gate_one_row"),
        )

    def __str__(self) -> str:
        return f"{self.scope} {self.pk}"


class DemoMessage(models.Model):
    """A message as the phone would show it. Written in demo mode only; nobody's real phone."""

    idempotency_key = models.CharField(max_length=40, unique=True)
    phone = models.CharField(max_length=20)
    text = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"demo message {self.pk}"
