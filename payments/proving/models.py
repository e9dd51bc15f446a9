"""When a person wants a second proof before money leaves, and each time it was asked for."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class ProofRules(models.Model):
    """When this person wants to be asked; the newest row holds. Append-only.

    Amounts are minor units; None: never asked for that reason. No row: never asked.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("whose"),
    )
    from_minor = models.BigIntegerField(_("from this amount"), null=True, blank=True)
    new_payee_over_minor = models.BigIntegerField(_("to a new payee, over"), null=True, blank=True)
    on_new_devices = models.BooleanField(_("from a new device"), default=False)
    created_at = models.DateTimeField(_("set at"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("rules of the second proof")
        verbose_name_plural = _("rules of the second proof")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["user", "-id"], name="payments_proof_rules_newest"),)
        constraints = (
            models.CheckConstraint(
                condition=(Q(from_minor__isnull=True) | Q(from_minor__gt=0))
                & (Q(new_payee_over_minor__isnull=True) | Q(new_payee_over_minor__gt=0)),
                name="payments_proof_rules_amounts_positive",
            ),
        )

    def __str__(self) -> str:
        return f"proof rules {self.pk}"


class SecondProof(models.Model):
    """One thing that was authorised with the payment password and waits for a second proof.

    Bound to what is authorised (`digest`), to the person and to the session that typed the
    password. Passed once (`proved_at`), used once (`used_at`), each by a conditional UPDATE.
    """

    class Way(models.TextChoices):
        """What was given as the proof."""

        FACTOR = "factor", _("Authenticator app, passkey or recovery code")
        SMS = "sms", _("Code by text message")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("whose"),
    )
    session = models.ForeignKey("accounts.UserSession", on_delete=models.CASCADE, related_name="+")
    subject_kind = models.CharField(_("what"), max_length=20)
    subject_id = models.UUIDField(_("which"), default=uuid.uuid4)
    digest = models.CharField(max_length=64)
    # What was asked for, for the address of its page; the digest is what binds.
    amount_minor = models.BigIntegerField(_("amount"), null=True)
    reasons = models.JSONField(_("why"), default=list)
    challenge_id = models.UUIDField(null=True, blank=True)
    way = models.CharField(_("how"), max_length=10, blank=True, default="", choices=Way)
    created_at = models.DateTimeField(_("asked at"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField(_("until"))
    proved_at = models.DateTimeField(_("passed at"), null=True, blank=True)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)

    class Meta:
        verbose_name = _("second proof")
        verbose_name_plural = _("second proofs")
        constraints = (
            models.UniqueConstraint(
                fields=["subject_kind", "subject_id", "session"],
                condition=Q(used_at__isnull=True),
                name="payments_second_proof_one_open",
            ),
            models.CheckConstraint(
                condition=Q(used_at__isnull=True) | Q(proved_at__isnull=False),
                name="payments_second_proof_used_only_when_passed",
            ),
        )

    def __str__(self) -> str:
        return f"second proof {self.pk}"

    @property
    def is_over(self) -> bool:
        """Whether the payment password was typed too long ago."""
        return self.expires_at <= timezone.now()
