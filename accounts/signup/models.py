"""What somebody who is opening a wallet has answered so far."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Application(models.Model):
    """The answers of one browser session, kept for a day and wiped when the wallet is opened.

    A row and not the session: parallel tabs would overwrite each other there. What is personal
    is encrypted; passwords are kept only as what will be stored in the end.
    """

    class Kind(models.TextChoices):
        IDENTITY = "identity", _("Name and ID number")
        PHONE = "phone", _("Phone number only")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    session_hash = models.CharField(max_length=64)
    # The public id the person will have: the payment password is sealed to it.
    user_public_id = models.UUIDField(default=uuid.uuid4, editable=False)
    kind = models.CharField(max_length=10, choices=Kind, blank=True, default="")
    name_encrypted = models.TextField(blank=True, default="")
    id_number_encrypted = models.TextField(blank=True, default="")
    phone_encrypted = models.TextField(blank=True, default="")
    agreed_at = models.DateTimeField(null=True, blank=True)
    login_password = models.CharField(max_length=128, blank=True, default="")
    payment_password_hash = models.CharField(max_length=200, blank=True, default="")
    payment_password_key_id = models.CharField(max_length=16, blank=True, default="")
    challenge_id = models.UUIDField(null=True, blank=True)
    phone_proved_at = models.DateTimeField(null=True, blank=True)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.SET_NULL, null=True, blank=True
    )
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    finished_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("wallet application")
        verbose_name_plural = _("wallet applications")
        constraints = (
            models.UniqueConstraint(fields=["session_hash"], name="application_one_per_session"),
        )

    def __str__(self) -> str:
        return f"application {self.pk}"
