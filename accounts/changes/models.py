"""Risky changes, who has seen the notice of them, and walks of people who say "not me"."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from accounts.identity import vault
from accounts.security.letters import two_groups
from accounts.security.models import KnownDevice, UserSession


class Change(models.Model):
    """Something that makes a wallet easier to get at. Told at once, and often undone with one
    press; `number` stands in the text message."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    number = models.CharField(_("number"), max_length=9, unique=True, default=two_groups)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="risky_changes",
        verbose_name=_("whose"),
    )
    actor = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("done by"),
    )
    kind = models.CharField(_("what"), max_length=60)
    # The browser it was made in, which needs no notice: this sign-in of it, and the device itself,
    # since whoever made the change may sign in there again.
    session = models.ForeignKey(
        UserSession, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    device = models.ForeignKey(
        KnownDevice, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    # Keyed hashes of the numbers that were written to: who holds one of them may say "not me".
    told = models.JSONField(default=list)
    undo_encrypted = models.TextField(blank=True, default="")
    undo_until = models.DateTimeField(_("can be undone until"), null=True, blank=True)
    undone_at = models.DateTimeField(_("undone"), null=True, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("risky change")
        verbose_name_plural = _("risky changes")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["user", "-created_at"], name="change_by_user"),)

    def __str__(self) -> str:
        return f"change {self.number}"

    def is_made_in(self, session: UserSession) -> bool:
        """Whether this sign-in, or another one on the same device, made the change."""
        on_device = self.device_id is not None and self.device_id == session.device_id
        return on_device or self.session_id == session.pk

    @property
    def may_be_undone(self) -> bool:
        """Whether the button is still there."""
        return (
            self.undone_at is None
            and self.undo_until is not None
            and timezone.now() < self.undo_until
        )


class ChangeSeen(models.Model):
    """A browser in which the notice was read: there it is not shown again, and on the person's
    other devices only where `is_for_all` says that this one was theirs before the change."""

    change = models.ForeignKey(Change, on_delete=models.CASCADE, related_name="seen")
    session = models.ForeignKey(
        UserSession, on_delete=models.SET_NULL, null=True, blank=True, related_name="+"
    )
    device = models.ForeignKey(
        KnownDevice, on_delete=models.CASCADE, null=True, blank=True, related_name="+"
    )
    is_for_all = models.BooleanField(default=False)
    created_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["change", "session"], name="change_seen_once"),
        )

    def __str__(self) -> str:
        return f"change {self.change_id} seen"


class NotMeWalk(models.Model):
    """Somebody without a session who says "that was not me": number, phone, code, act."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    # None when number and phone do not belong together; nobody is told.
    change = models.ForeignKey(Change, on_delete=models.CASCADE, null=True, blank=True)
    phone_encrypted = models.TextField()
    challenge_id = models.UUIDField()
    proved_at = models.DateTimeField(null=True, blank=True)
    created_at = models.DateTimeField(default=timezone.now)
    expires_at = models.DateTimeField(db_index=True)

    class Meta:
        verbose_name = _("walk after an unknown change")
        verbose_name_plural = _("walks after unknown changes")

    def __str__(self) -> str:
        return f"walk {self.pk}"

    @property
    def phone(self) -> str:
        """The number that the code goes to. Mask it."""
        return vault.decrypt(self.phone_encrypted)
