"""People who have closed their wallet."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class FormerCustomer(models.Model):
    """What is kept of a person who has left, for as long as the law asks, and then no longer.

    Phone and ID number are free for a new wallet at once; their keyed hashes stay, so that locks
    and times of caution meet the same person again (specs/security, row 34).
    """

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="former_customer"
    )
    name_encrypted = models.TextField(blank=True, default="")
    id_number_encrypted = models.TextField(blank=True, default="")
    id_number_index = models.CharField(max_length=64, blank=True, default="", db_index=True)
    phone_encrypted = models.TextField(blank=True, default="")
    phone_index = models.CharField(max_length=64, blank=True, default="", db_index=True)
    level = models.CharField(_("level of assurance"), max_length=10, blank=True, default="")
    # The ladder of the payment password and the time of caution, as they stood.
    wrong_in_row = models.PositiveSmallIntegerField(default=0)
    wrong_since_success = models.PositiveSmallIntegerField(default=0)
    locked_until = models.DateTimeField(null=True, blank=True)
    is_reset_only = models.BooleanField(default=False)
    caution_why = models.CharField(max_length=40, blank=True, default="")
    caution_until = models.DateTimeField(null=True, blank=True)
    # Who goes on with it since: what they have against them from then on is in their own rows.
    taken_up_by = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="+",
        verbose_name=_("opened again as"),
    )
    closed_at = models.DateTimeField(_("closed"), default=timezone.now, editable=False)
    keep_until = models.DateTimeField(_("kept until"), db_index=True)
    forgotten_at = models.DateTimeField(_("personal data deleted"), null=True, blank=True)

    class Meta:
        verbose_name = _("former customer")
        verbose_name_plural = _("former customers")

    def __str__(self) -> str:
        return f"former customer {self.pk}"
