"""What is pending at the door. Rows, not the browser's session: tabs cannot overwrite it."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class PendingSignIn(models.Model):
    """Somebody gave the right password and still owes the second factor."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    # Django's session hash of the password that was right: a changed password ends this.
    auth_hash = models.CharField(max_length=128)
    next_path = models.CharField(max_length=500, blank=True, default="")
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("pending sign-in")
        verbose_name_plural = _("pending sign-ins")

    def __str__(self) -> str:
        return f"pending sign-in {self.pk}"


class KeptForm(models.Model):
    """What somebody had typed when the page was covered or they were signed out.

    Encrypted, without anything secret, for its owner alone and for a while; it fills the form on
    the same page again and is never carried out by itself.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE)
    # The path of the page the form stood on, and the one it is sent to.
    page = models.CharField(max_length=500)
    action = models.CharField(max_length=500)
    fields_encrypted = models.TextField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("kept form")
        verbose_name_plural = _("kept forms")

    def __str__(self) -> str:
        return f"kept form {self.pk}"


class LoginRecovery(models.Model):
    """One walk through "I forgot my login password": phone, code, ID digits, new password.

    Worth something only as long as the person has the number and the password of its beginning.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    phone = models.CharField(max_length=20)
    challenge_id = models.UUIDField(null=True, blank=True)
    # Known only once the phone was proved; until then nobody learns whether there is anybody.
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, null=True, blank=True
    )
    # Django's session hash of the password that is forgotten: another one ends this.
    auth_hash = models.CharField(max_length=128, blank=True, default="", db_default="")
    phone_proved_at = models.DateTimeField(null=True, blank=True)
    # When all was given that was asked for then; what it was, as more may be asked for at the end.
    identity_proved_at = models.DateTimeField(null=True, blank=True)
    has_digits = models.BooleanField(default=False, db_default=False)
    has_payment_password = models.BooleanField(default=False, db_default=False)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("login password recovery")
        verbose_name_plural = _("login password recoveries")

    def __str__(self) -> str:
        return f"recovery {self.pk}"
