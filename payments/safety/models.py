"""Freeze codes, and walks of owners who lift their freeze."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FreezeCode(models.Model):
    """What its owner has on paper: whoever types it freezes the wallet. Kept as an HMAC.

    One counts at a time; a newer one ends the older.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("owner"),
    )
    code_hash = models.CharField(max_length=64, unique=True)
    made_at = models.DateTimeField(_("made"), default=timezone.now, editable=False)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("freeze code")
        verbose_name_plural = _("freeze codes")
        constraints = [
            models.UniqueConstraint(
                fields=["owner"], condition=models.Q(ended_at=None), name="payments_one_freeze_code"
            )
        ]

    def __str__(self) -> str:
        return f"freeze code {self.pk}"


class LiftWalk(models.Model):
    """One walk to the end of a freeze: who one is, then a code to the phone, which is bound to it.

    Used once, by the one that lifts. Lifting ends the others of the person, and so does freezing.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session_hash = models.CharField(max_length=64)
    challenge_id = models.UUIDField()
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)
    used_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("walk to lift a freeze")
        verbose_name_plural = _("walks to lift a freeze")

    def __str__(self) -> str:
        return f"lift {self.pk}"
