"""The hours after a risky change, in which less money may leave."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import F, Q
from django.utils import timezone
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


class Caution(models.Model):
    """One such time. Append-only: nobody ends it early, a later one only lasts longer."""

    class Why(models.TextChoices):
        """What was changed."""

        PHONE_CHANGED = "phone_changed", _("your phone number was changed")
        LOGIN_PASSWORD_RESET = "login_password_reset", _("your login password was reset")
        LOGIN_PASSWORD_CHANGED = "login_password_changed", _("your login password was changed")
        PAYMENT_PASSWORD_RESET = "payment_password_reset", _("your payment password was reset")
        PAYMENT_PASSWORD_CHANGED = (
            "payment_password_changed",
            _("your payment password was changed"),
        )
        FACTOR_REMOVED = "factor_removed", _("a second factor was taken away")
        SUPPORT_HELPED = "support_helped", _("support gave you your access back")

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="cautions",
        verbose_name=_("whose"),
    )
    why = models.CharField(_("why"), max_length=40, choices=Why.choices)
    begins_at = models.DateTimeField(_("from"))
    until = models.DateTimeField(_("until"))
    created_at = models.DateTimeField(_("written"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("time of caution")
        verbose_name_plural = _("times of caution")
        ordering = ("-until", "-pk")
        constraints = (
            models.CheckConstraint(
                condition=Q(until__gt=F("begins_at")), name="caution_ends_after_it_begins"
            ),
        )
        indexes = (models.Index(fields=["user", "-until"], name="caution_by_user"),)

    def __str__(self) -> str:
        return f"caution {self.pk} {self.why}"

    @property
    def reason(self) -> str | Promise:
        """What was changed, as part of a sentence."""
        return self.Why(self.why).label
