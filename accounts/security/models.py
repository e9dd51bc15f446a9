"""What the security room remembers: events, counted tries, throttled acts, devices, sessions."""

from __future__ import annotations

import uuid
from datetime import datetime

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class SecurityEvent(models.Model):
    """Something that happened to a person's security. Append-only: a trigger refuses the rest.

    `user` is empty when the name that was tried belongs to nobody: such tries are written down
    as well, so that a known and an unknown number cost the same time.
    """

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="security_events",
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
    address = models.CharField(_("network address"), max_length=45, blank=True, default="")
    details = models.JSONField(_("details"), default=dict, blank=True)
    created_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("security event")
        verbose_name_plural = _("security events")
        ordering = ("-created_at", "-pk")
        indexes = (
            models.Index(fields=["user", "-created_at"], name="security_event_by_user"),
            models.Index(fields=["user", "kind", "-created_at"], name="security_event_by_kind"),
            # What staff did, which is little among all that a person does.
            models.Index(
                fields=["user", "-created_at"],
                condition=models.Q(actor__isnull=False),
                name="security_event_by_staff",
            ),
        )

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"


class Tries(models.Model):
    """How often somebody was wrong in a row: one row per scope (a kind of secret) and subject."""

    scope = models.CharField(max_length=30)
    subject_hash = models.CharField(max_length=64)
    wrong = models.PositiveIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    is_reset_only = models.BooleanField(default=False)
    updated_at = models.DateTimeField(default=timezone.now)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["scope", "subject_hash"], name="tries_one_row"),
        )
        indexes = (
            models.Index(
                fields=["locked_until"],
                condition=models.Q(locked_until__isnull=False),
                name="tries_locked",
            ),
        )

    def __str__(self) -> str:
        return f"{self.scope} {self.pk}"


class ThrottledAct(models.Model):
    """When somebody did something: one row per action and subject, the newest times in it."""

    action = models.CharField(max_length=60)
    subject_hash = models.CharField(max_length=64)
    # Seconds since 1970, oldest first; as long as the largest limit at most.
    times = models.JSONField(default=list)
    forget_at = models.DateTimeField(default=timezone.now, db_index=True)

    class Meta:
        constraints = (
            models.UniqueConstraint(fields=["action", "subject_hash"], name="throttled_one_row"),
        )

    def __str__(self) -> str:
        return f"{self.action} {self.pk}"


class StaffLook(models.Model):
    """A customer's records opened in the admin by one member of staff for one reason. Append-only;
    good for as long as a visit at the support desk."""

    agent = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("who looked"),
    )
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        verbose_name=_("customer"),
    )
    reason = models.CharField(_("reason"), max_length=200)
    created_at = models.DateTimeField(_("when"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("look at a record")
        verbose_name_plural = _("looks at records")
        ordering = ("-pk",)
        indexes = (models.Index(fields=["agent", "customer", "-created_at"], name="staff_look"),)

    def __str__(self) -> str:
        return f"look {self.pk}"


class KnownDevice(models.Model):
    """A browser that one person has used, told again by a cookie of which only a hash is kept.

    It counts as known when a second proof was passed on it, or a day after it was first seen.
    A forgotten one never counts again; the browser gets a new cookie.
    """

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="known_devices"
    )
    token_hash = models.CharField(max_length=64)
    label = models.CharField(_("device"), max_length=60, blank=True, default="")
    first_seen_at = models.DateTimeField(_("first seen"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    proved_at = models.DateTimeField(_("second proof passed"), null=True, blank=True)
    forgotten_at = models.DateTimeField(_("forgotten"), null=True, blank=True)

    class Meta:
        verbose_name = _("known device")
        verbose_name_plural = _("known devices")
        ordering = ("-last_seen_at", "-pk")
        constraints = (
            models.UniqueConstraint(fields=["user", "token_hash"], name="known_device_one_row"),
        )

    def __str__(self) -> str:
        return f"device {self.pk}"

    @property
    def is_known(self) -> bool:
        """Whether payments from here are from a device that is not new."""
        return self.forgotten_at is None and self.was_known_at(timezone.now())

    def was_known_at(self, moment: datetime) -> bool:
        """Whether it was not new any more at a moment."""
        is_proved = self.proved_at is not None and self.proved_at <= moment
        age = moment - self.first_seen_at
        return is_proved or age.total_seconds() >= settings.DEVICES["known_seconds"]


class UserSession(models.Model):
    """One signed-in browser. Django's session row carries `public_id`; this row decides whether
    it still counts, so it can be ended from anywhere and a replayed cookie stays dead."""

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    user = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="wallet_sessions"
    )
    label = models.CharField(_("device"), max_length=60, blank=True, default="")
    device = models.ForeignKey(
        KnownDevice, on_delete=models.SET_NULL, null=True, blank=True, related_name="sessions"
    )
    address_hint = models.CharField(_("network"), max_length=45, blank=True, default="")
    created_at = models.DateTimeField(_("signed in"), default=timezone.now)
    last_seen_at = models.DateTimeField(_("last seen"), default=timezone.now)
    # Since when the page is covered; the person proves themselves again to go on.
    covered_at = models.DateTimeField(null=True, blank=True)
    # When fresh proof (step-up) was last given in this session.
    proved_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_why = models.CharField(max_length=30, blank=True, default="")

    class Meta:
        verbose_name = _("signed-in device")
        verbose_name_plural = _("signed-in devices")
        ordering = ("-last_seen_at",)
        indexes = (models.Index(fields=["user", "ended_at"], name="user_session_open"),)

    def __str__(self) -> str:
        return f"session {self.pk}"
