"""Codes that a customer reads to a helper, and the views that such a code opens."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class HelperCode(models.Model):
    """A short code shown to a signed-in customer, for a helper to type. Kept as an HMAC.

    One lives at a time; it counts once, for its purpose, while the browser that showed it is
    signed in.
    """

    class Purpose(models.TextChoices):
        IDENTIFY = "identify", _("to show who I am")
        LOOK = "look", _("to let a helper look with me")

    user = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.CASCADE, related_name="+")
    session = models.ForeignKey(
        "accounts.UserSession", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    purpose = models.CharField(max_length=10, choices=Purpose)
    code_hash = models.CharField(max_length=64)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    expires_at = models.DateTimeField()
    used_at = models.DateTimeField(null=True, blank=True)
    # A newer one took its place.
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("code for a helper")
        verbose_name_plural = _("codes for helpers")
        constraints = (
            models.UniqueConstraint(
                fields=["user"],
                condition=Q(used_at=None, ended_at=None),
                name="helper_code_one_lives",
            ),
        )

    def __str__(self) -> str:
        return f"helper code {self.pk}"


class GuidedView(models.Model):
    """A quarter of an hour in which one helper sees what a customer sees, without amounts.

    It shows and never acts. Whether it is on says the row together with the customer's session:
    see `selectors.live_views`.
    """

    class EndedBy(models.TextChoices):
        CUSTOMER = "customer", _("the customer")
        HELPER = "helper", _("the helper")
        NEWER = "newer", _("a newer one")

    public_id = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    customer = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+"
    )
    agent = models.ForeignKey(settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="+")
    # The browser whose code it was: with its session the view ends.
    session = models.ForeignKey(
        "accounts.UserSession", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    # And the helper's: nobody looks who has signed out.
    agent_session = models.ForeignKey(
        "accounts.UserSession", on_delete=models.SET_NULL, null=True, related_name="+"
    )
    visit = models.ForeignKey(
        "accounts.SupportVisit", on_delete=models.PROTECT, related_name="guided_views"
    )
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    ends_at = models.DateTimeField()
    ended_at = models.DateTimeField(null=True, blank=True)
    ended_by = models.CharField(max_length=10, choices=EndedBy, blank=True, default="")
    # The name of the page that the customer has open, and since when.
    at_page = models.CharField(max_length=100, blank=True, default="")
    at_page_since = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("guided view")
        verbose_name_plural = _("guided views")
        ordering = ("-pk",)
        constraints = (
            models.UniqueConstraint(
                fields=["customer"], condition=Q(ended_at=None), name="guided_view_one_open"
            ),
            models.CheckConstraint(
                condition=~Q(agent=F("customer")), name="guided_view_of_somebody_else"
            ),
        )

    def __str__(self) -> str:
        return f"guided view {self.pk}"

    @property
    def seconds_left(self) -> int:
        """Until it ends by itself."""
        return max(0, int((self.ends_at - timezone.now()).total_seconds()))
