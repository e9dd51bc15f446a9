"""One chain over everything that staff do and that concerns security."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class AuditRecord(models.Model):
    """One link. Append-only; written by the sealing sweep alone.

    `content` is the canonical text of what it seals, kept here as well, so that a row that is
    changed or deleted in its own table is found and can still be read. `digest` is SHA-256 over
    the digest before it and this content: nothing can be changed, left out, moved or put in
    between without changing every digest after it.
    """

    class Source(models.TextChoices):
        EVENT = "event", _("Security event")
        ADMIN = "admin", _("Change in the admin")

    number = models.BigIntegerField(_("number"), unique=True)
    source = models.CharField(_("source"), max_length=5, choices=Source)
    source_id = models.BigIntegerField()
    at = models.DateTimeField(_("when"))
    content = models.TextField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    sealed_at = models.DateTimeField(_("sealed"), default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("audit record")
        verbose_name_plural = _("audit log")
        ordering = ("-number",)
        indexes = (models.Index(fields=["-at"], name="audit_by_time"),)
        constraints = (
            models.UniqueConstraint(fields=["source", "source_id"], name="audit_sealed_once"),
        )
        permissions = (("export_audit", "Can export the audit log"),)

    def __str__(self) -> str:
        return f"{self.number}:{self.digest[:12]}"


class AuditMark(models.Model):
    """Up to which row of a table everything has its link; one row for each source.

    `horizon_id` is the end of the next stretch, complete once no transaction is open that is
    older than `horizon_moment` (a number of PostgreSQL's transactions).
    """

    source = models.CharField(max_length=5, choices=AuditRecord.Source, unique=True)
    sealed_id = models.BigIntegerField(default=0)
    horizon_id = models.BigIntegerField(default=0)
    horizon_moment = models.BigIntegerField(default=0)

    class Meta:
        verbose_name = _("mark of the audit log")
        verbose_name_plural = _("marks of the audit log")

    def __str__(self) -> str:
        return f"{self.source} {self.sealed_id}"
