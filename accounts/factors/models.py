"""Second factors: an authenticator app, passkeys and recovery codes."""

from __future__ import annotations

import uuid
from binascii import unhexlify

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django_otp.models import Device

from accounts.identity import vault


class Authenticator(Device):
    """A TOTP authenticator (RFC 6238: SHA-1, 6 digits, 30 s).

    A django-otp device of our own because theirs keeps the key in clear, has a lock that doubles
    for a hundred years, and accepts one code several times when asked in parallel. Unconfirmed
    means: shown to the person, not proved by a code yet, counts for nothing.
    """

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    secret = models.TextField(_("key, encrypted"))
    # The newest accepted time step: this one and older ones are never accepted again.
    last_step = models.BigIntegerField(default=-1)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta(Device.Meta):
        verbose_name = _("authenticator")
        verbose_name_plural = _("authenticators")
        constraints = (
            models.UniqueConstraint(
                fields=["user"],
                condition=models.Q(confirmed=True),
                name="authenticator_one_confirmed",
            ),
        )

    def key(self) -> bytes:
        """The shared key in clear; for checking a code and for the set-up page only."""
        return unhexlify(vault.decrypt(self.secret))

    def verify_token(self, token: str) -> bool:
        """Refuses: codes are checked by `factors.services.verify_second_factor`, which counts."""
        return False


class RecoveryCode(models.Model):
    """One of ten codes for the day the phone is lost. Eighty random bits, kept as an HMAC."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="recovery_codes"
    )
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("recovery code")
        verbose_name_plural = _("recovery codes")
        constraints = (
            models.UniqueConstraint(fields=["user", "code_hash"], name="recovery_code_one_row"),
        )

    def __str__(self) -> str:
        return f"recovery code {self.pk}"


class Passkey(Device):
    """A WebAuthn credential: a private key in a phone, a computer or a stick, the public one here.

    A django-otp device, so that a session which it signed in counts as verified. It asks for the
    finger, face or PIN of its owner each time, and so is two factors by itself.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    # Both base64url, as browsers write them.
    credential_id = models.TextField(unique=True)
    public_key = models.TextField()
    # What the authenticator says it has signed so far; 0 for those that do not count.
    sign_count = models.BigIntegerField(default=0)
    transports = models.JSONField(default=list)
    # The make of the authenticator, as it says itself.
    aaguid = models.CharField(max_length=36, blank=True, default="")
    is_backed_up = models.BooleanField(_("kept in an account of its maker"), default=False)
    created_at = models.DateTimeField(default=timezone.now)
    last_used_at = models.DateTimeField(null=True, blank=True)

    class Meta(Device.Meta):
        verbose_name = _("passkey")
        verbose_name_plural = _("passkeys")

    def verify_token(self, token: str) -> bool:
        """Refuses: signatures are checked by `factors.passkeys`, not typed."""
        return False


class UsedPasskeyChallenge(models.Model):
    """A challenge that was answered: it is never taken again. Kept until it would be too old."""

    nonce = models.CharField(max_length=32, unique=True)
    forget_at = models.DateTimeField()

    class Meta:
        verbose_name = _("answered challenge")
        verbose_name_plural = _("answered challenges")
        indexes = (models.Index(fields=["forget_at"], name="passkey_challenge_forget"),)

    def __str__(self) -> str:
        return f"challenge {self.pk}"
