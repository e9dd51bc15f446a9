"""Second factors: an authenticator app and recovery codes."""

from __future__ import annotations

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
