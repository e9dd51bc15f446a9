"""Who a person is, and how sure we are."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Identity(models.Model):
    """Name and ID number of a person, encrypted. Nobody without one is more than a phone.

    `id_number_index` is a keyed hash under a key outside the database: equal ID numbers meet in
    it (one person, one wallet), yet a copy of the table lets nobody try numbers.
    """

    class Level(models.TextChoices):
        IDENTITY = "identity", _("Name and ID number")
        CARD = "card", _("Own bank card")
        IN_PERSON = "in_person", _("Checked in person")

    user = models.OneToOneField(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="identity"
    )
    name_encrypted = models.TextField()
    id_number_encrypted = models.TextField()
    id_number_index = models.CharField(max_length=64)
    level = models.CharField(
        _("level of assurance"), max_length=10, choices=Level, default=Level.IDENTITY
    )
    created_at = models.DateTimeField(_("added"), default=timezone.now, editable=False)
    level_changed_at = models.DateTimeField(_("level changed"), default=timezone.now)

    class Meta:
        verbose_name = _("identity")
        verbose_name_plural = _("identities")
        constraints = (
            models.UniqueConstraint(
                fields=["id_number_index"], name="identity_one_person_one_wallet"
            ),
        )

    def __str__(self) -> str:
        return f"identity {self.pk}"


class IdentityCheck(models.Model):
    """What came of one check. Append-only; neither name nor number, only a keyed hash, is here, and
    that one is blanked after a while (`IDENTITY_CHECKS`): an ID number has few unknown digits for
    whoever gets hold of the index key."""

    user = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        related_name="identity_checks",
        verbose_name=_("whose"),
    )
    what = models.CharField(_("what was checked"), max_length=10)
    subject_hash = models.CharField(max_length=64, blank=True)
    checker = models.CharField(_("checked by"), max_length=60)
    answer = models.CharField(_("answer"), max_length=12)
    at = models.DateTimeField(_("when"), default=timezone.now)

    class Meta:
        verbose_name = _("identity check")
        verbose_name_plural = _("identity checks")
        ordering = ("-pk",)

    def __str__(self) -> str:
        return f"identity check {self.pk}"
