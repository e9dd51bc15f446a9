"""Sealed stretches of the journal."""

from __future__ import annotations

from django.db import models
from django.utils.translation import gettext_lazy as _


class SealedBlock(models.Model):
    """Entries after the block before, up to `last_entry_id`, closed with one hash.

    `chain_digest` is the running hash over every entry since the first (see `ledger/seals.py`),
    so each block seals all that came before it.
    """

    last_entry_id = models.BigIntegerField(_("last entry"), unique=True)
    entry_count = models.BigIntegerField(_("entries"))
    chain_digest = models.CharField(_("chain digest"), max_length=64)
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        db_table = "ledger_sealed_block"
        verbose_name = _("sealed block")
        verbose_name_plural = _("sealed blocks")
        ordering = ["-id"]

    def __str__(self) -> str:
        return f"{self.last_entry_id} {self.chain_digest[:12]}"
