"""Codes sent to phones: what was asked for, what was sent, and what it may still do."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.phone.states import Asker, SmsOutcome, SmsState


class Challenge(models.Model):
    """One question "is this phone yours?", asked for one purpose in one browser session.

    Several codes may be sent for it; only the newest counts, and one right answer ends it.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    purpose = models.CharField(_("purpose"), max_length=30)
    phone = models.CharField(_("phone number"), max_length=20)
    session_hash = models.CharField(max_length=64)
    # One of `Asker`; nobody asks for a notice.
    asker = models.CharField(
        max_length=10, blank=True, default=Asker.STRANGER.value, db_default=Asker.STRANGER.value
    )
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
    # As the challenge has it.
    asker = models.CharField(
        max_length=10, blank=True, default=Asker.STRANGER.value, db_default=Asker.STRANGER.value
    )
    address_hash = models.CharField(max_length=64, blank=True, default="")
    # A keyed hash of the addresses side by side with it.
    range_hash = models.CharField(max_length=64, blank=True, default="", db_default="")
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
    provider = models.CharField(_("provider"), max_length=30, blank=True, default="", db_default="")
    # When to ask the provider what became of it; None: no more questions.
    next_question_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("code message")
        verbose_name_plural = _("code messages")
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["phone", "-created_at"], name="sms_code_by_phone"),
            models.Index(fields=["address_hash", "-created_at"], name="sms_code_by_address"),
            models.Index(fields=["-created_at"], name="sms_code_by_time"),
            models.Index(fields=["expires_at"], condition=Q(state="due"), name="sms_code_due"),
            models.Index(
                fields=["next_question_at"],
                condition=Q(next_question_at__isnull=False),
                name="sms_code_to_ask",
            ),
        )

    def __str__(self) -> str:
        return f"code message {self.pk}"


class SmsAlarm(models.Model):
    """Codes of one kind that came too fast (SMS pumping): such codes stop until it ends, by itself
    or by staff; all others go on."""

    class Kind(models.TextChoices):
        """What the stopped codes have in common."""

        PREFIX = "prefix", _("numbers that begin alike")
        RANGE = "range", _("network addresses side by side")
        COUNTRY = "country", _("numbers of one country")
        ALL = "all", _("every code of this installation")

    kind = models.CharField(_("what they share"), max_length=10, choices=Kind)
    subject = models.CharField(_("which"), max_length=45)
    messages = models.PositiveIntegerField(_("codes within the window"))
    began_at = models.DateTimeField(_("began"), default=timezone.now)
    until = models.DateTimeField(_("ends by itself"))
    ended_at = models.DateTimeField(_("ended by staff"), null=True, blank=True)
    ended_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("ended by"),
    )

    class Meta:
        verbose_name = _("SMS alarm")
        verbose_name_plural = _("SMS alarms")
        ordering = ("-pk",)
        permissions = (("end_sms_alarm", "Can end SMS alarms"),)
        indexes = (models.Index(fields=["kind", "subject", "-until"], name="sms_alarm_by_what"),)

    def __str__(self) -> str:
        return f"SMS alarm {self.pk}"


class SendGate(models.Model):
    """The row that everybody who wants something of a number or an address locks first, so that
    of parallel requests each sees what the one before it did.

    What strangers type wrongly is on the number's own row; owner and support have one each, locked
    after it."""

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


class SmsAttempt(models.Model):
    """One message handed to one provider once; written before it leaves. Append-only.

    No result: whoever sent it died, so it may have been sent. Neither phone nor text is here, so
    attempts stay when the message is forgotten.
    """

    code = models.ForeignKey(
        SmsCode,
        on_delete=models.DO_NOTHING,
        db_constraint=False,
        related_name="tries",
        verbose_name=_("code message"),
    )
    # The claim under which it was made: a claim makes one attempt at most.
    claim = models.PositiveIntegerField()
    provider = models.CharField(_("provider"), max_length=30)
    started_at = models.DateTimeField(_("started"), default=timezone.now)

    class Meta:
        verbose_name = _("SMS attempt")
        verbose_name_plural = _("SMS attempts")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=["code", "claim"], name="sms_attempt_once_per_claim"),
        )

    def __str__(self) -> str:
        return f"SMS attempt {self.pk}"


class SmsResult(models.Model):
    """What came of an attempt. Append-only: "perhaps sent" may be followed by what was learnt
    later, never replaced."""

    attempt = models.ForeignKey(
        SmsAttempt, on_delete=models.PROTECT, related_name="results", verbose_name=_("SMS attempt")
    )
    provider = models.CharField(_("provider"), max_length=30)
    outcome = models.CharField(_("outcome"), max_length=12, choices=SmsOutcome)
    reason = models.CharField(_("reason"), max_length=80, blank=True, default="")
    reference = models.CharField(_("provider's reference"), max_length=100, blank=True, default="")
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("SMS result")
        verbose_name_plural = _("SMS results")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(fields=["attempt", "outcome"], name="sms_result_once"),
        )
        indexes = (
            models.Index(
                fields=["provider", "reference"],
                condition=~Q(reference=""),
                name="sms_result_by_reference",
            ),
        )

    def __str__(self) -> str:
        return f"SMS result {self.pk}"


class SmsReceipt(models.Model):
    """What a provider said later, as it said it; append-only. One that came before we knew the
    message is applied when we do."""

    provider = models.CharField(_("provider"), max_length=30)
    reference = models.CharField(_("provider's reference"), max_length=100, blank=True, default="")
    idempotency_key = models.CharField(max_length=40, blank=True, default="")
    state = models.CharField(_("delivery"), max_length=10, choices=SmsState)
    reason = models.CharField(_("reason"), max_length=40, blank=True, default="")
    received_at = models.DateTimeField(_("received"), default=timezone.now)

    class Meta:
        verbose_name = _("SMS receipt")
        verbose_name_plural = _("SMS receipts")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["provider", "reference", "idempotency_key", "state"],
                name="sms_receipt_once",
            ),
        )

    def __str__(self) -> str:
        return f"SMS receipt {self.pk}"


class SmsProvider(models.Model):
    """How a provider is doing, for all processes: after some failures in a row it rests."""

    name = models.CharField(_("provider"), max_length=30, unique=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    rests_until = models.DateTimeField(_("rests until"), null=True, blank=True)
    answered_at = models.DateTimeField(_("last good answer"), null=True, blank=True)
    failed_at = models.DateTimeField(_("last failure"), null=True, blank=True)
    reason = models.CharField(_("reason"), max_length=80, blank=True, default="")

    class Meta:
        verbose_name = _("SMS provider")
        verbose_name_plural = _("SMS providers")
        ordering = ("name",)

    def __str__(self) -> str:
        return self.name


class SmsTally(models.Model):
    """Running totals since the beginning, by provider and outcome: for the metrics."""

    provider = models.CharField(max_length=30)
    outcome = models.CharField(max_length=20)
    total = models.BigIntegerField(default=0)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["provider", "outcome"], name="sms_tally_one_row"),
        )

    def __str__(self) -> str:
        return f"{self.provider} {self.outcome}"
