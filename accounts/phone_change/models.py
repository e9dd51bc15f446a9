"""Changes of phone that are under way, and what became of them."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identity import vault
from accounts.phone_change.states import PhoneChangeState


class PhoneChange(models.Model):
    """One walk from a number to another. The row is the truth: a step cannot be left out, and a
    change that waits survives restarts."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.CASCADE,
        related_name="+",
        verbose_name=_("whose"),
    )
    session_hash = models.CharField(max_length=64)
    new_phone_encrypted = models.TextField()
    has_old_phone = models.BooleanField(_("with the old phone"))
    # Whether who asked has shown a second factor: without one and without the old phone it waits.
    has_factor = models.BooleanField(default=False)
    old_challenge_id = models.UUIDField(null=True, blank=True)
    new_challenge_id = models.UUIDField(null=True, blank=True)
    # The old phone, or payment password and ID digits, and then the new phone.
    person_proved_at = models.DateTimeField(null=True, blank=True)
    new_proved_at = models.DateTimeField(null=True, blank=True)
    state = models.CharField(
        _("state"), max_length=8, choices=PhoneChangeState, default=PhoneChangeState.ASKING
    )
    created_at = models.DateTimeField(_("asked"), default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    takes_effect_at = models.DateTimeField(_("takes effect"), null=True, blank=True)
    ended_at = models.DateTimeField(_("ended"), null=True, blank=True)

    class Meta:
        verbose_name = _("change of phone")
        verbose_name_plural = _("changes of phone")
        ordering = ("-pk",)
        indexes = (
            models.Index(
                fields=["takes_effect_at"],
                condition=Q(state="waiting"),
                name="phone_change_waiting",
            ),
        )
        constraints = (
            models.UniqueConstraint(
                fields=["user"], condition=Q(state="waiting"), name="phone_change_one_waits"
            ),
        )

    def __str__(self) -> str:
        return f"change of phone {self.pk}"

    @property
    def new_phone(self) -> str:
        """The number it will be (E.164), "" when it was deleted since. Mask it."""
        return vault.decrypt(self.new_phone_encrypted) if self.new_phone_encrypted else ""
