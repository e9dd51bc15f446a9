"""The six digits that move money, and how often somebody was wrong about them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PaymentPassword(models.Model):
    """One row per person: the sealed digits and the one counter for every use of them."""

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="payment_password"
    )
    # Argon2id over an HMAC under the key named by `key_id`; see hashing.py.
    hash = models.CharField(max_length=200)
    key_id = models.CharField(max_length=16)
    # In a row since a success or an unlock: decides how long the next lock lasts.
    wrong_in_row = models.PositiveSmallIntegerField(default=0)
    # Since the last success; an unlock by support does not give these back.
    wrong_since_success = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(_("locked until"), null=True, blank=True)
    is_reset_only = models.BooleanField(_("only a reset helps"), default=False)
    changed_at = models.DateTimeField(_("changed"), default=timezone.now)
    # It was good when it was set and would be refused now: phone or ID number came since.
    is_outgrown = models.BooleanField(_("guessable now"), default=False, db_default=False)
    # Since when it is to be looked at again: what is known of the person has changed.
    look_again_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("payment password")
        verbose_name_plural = _("payment passwords")
        indexes = (
            models.Index(
                fields=["look_again_at"],
                condition=models.Q(look_again_at__isnull=False),
                name="payment_password_look_again",
            ),
            models.Index(
                fields=["locked_until"],
                condition=models.Q(locked_until__isnull=False),
                name="payment_password_locked",
            ),
        )

    def __str__(self) -> str:
        return f"payment password {self.pk}"


class UsedPaymentPassword(models.Model):
    """One of the last few a person has used, sealed; none of them may come back."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="used_payment_passwords"
    )
    hash = models.CharField(max_length=200)
    key_id = models.CharField(max_length=16)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        ordering = ("-created_at", "-pk")

    def __str__(self) -> str:
        return f"used payment password {self.pk}"


class PaymentPasswordReset(models.Model):
    """One walk through the reset: who one is, the second factor where one is on, a code to the
    phone, then a new one."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    session_hash = models.CharField(max_length=64)
    factor_proved_at = models.DateTimeField(null=True, blank=True)
    challenge_id = models.UUIDField(null=True, blank=True)
    phone_proved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    def __str__(self) -> str:
        return f"payment password reset {self.pk}"
