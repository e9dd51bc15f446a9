"""When the books were proved, and what came of it."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class VerificationRun(models.Model):
    """One run of `manage.py verify_ledger`: what it found, and the head it saw.

    Kept so that whoever watches knows when the books were last right, and so that a head of
    yesterday can be compared with today's.
    """

    finished_at = models.DateTimeField(_("finished at"))
    is_right = models.BooleanField(_("right"))
    problem_count = models.IntegerField(_("problems"))
    entry_count = models.BigIntegerField(_("entries"))
    head = models.CharField(_("head"), max_length=64)

    class Meta:
        db_table = "ledger_verification_run"
        verbose_name = _("verification of the books")
        verbose_name_plural = _("verifications of the books")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.finished_at:%Y-%m-%d %H:%M} {self.head[:12]}"
