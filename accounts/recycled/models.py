"""Who says that a number is theirs now, and who had it before."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identity import vault
from accounts.recycled.states import ClaimState


class NumberWalk(models.Model):
    """Somebody without a session who proves that they hold a phone. Alike for every number."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    phone_encrypted = models.TextField()
    challenge_id = models.UUIDField()
    proved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("walk about a number")
        verbose_name_plural = _("walks about numbers")

    def __str__(self) -> str:
        return f"walk {self.pk}"

    @property
    def phone(self) -> str:
        """The number (E.164). Mask it."""
        return vault.decrypt(self.phone_encrypted)


class NumberClaim(models.Model):
    """A number that a customer has with us and somebody else holds. It is free for the other when
    the customer has not objected in time; the row is the truth, whatever restarts meanwhile."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("whose it is with us"),
    )
    phone_encrypted = models.TextField()
    state = models.CharField(
        _("state"), max_length=8, choices=ClaimState, default=ClaimState.WAITING
    )
    created_at = models.DateTimeField(_("claimed"), default=timezone.now, editable=False)
    frees_at = models.DateTimeField(_("free from"))
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("claim of a number")
        verbose_name_plural = _("claims of numbers")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=["frees_at"], condition=Q(state="waiting"), name="number_claim_waiting"
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="waiting"), name="number_claim_one_waits"
            ),
        )

    def __str__(self) -> str:
        return f"claim of a number {self.pk}"

    @property
    def phone(self) -> str:
        """The number (E.164), "" when it was deleted since. Mask it."""
        return vault.decrypt(self.phone_encrypted) if self.phone_encrypted else ""


class FormerNumber(models.Model):
    """Who had a number when it went to somebody else: their door until they have another one."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="former_numbers"
    )
    phone_index = models.CharField(max_length=64, db_index=True)
    phone_encrypted = models.TextField()
    freed_at = models.DateTimeField(_("freed"), default=timezone.now)

    class Meta:
        verbose_name = _("former number")
        verbose_name_plural = _("former numbers")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"former number {self.pk}"
