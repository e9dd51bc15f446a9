"""One business event in the books."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from ledger.values import EVENT_LENGTH, KEY_LENGTH, NOTE_LENGTH, Entry


class JournalEntry(models.Model):
    """An event and its postings, written once and never changed.

    `key` is the caller's idempotency key; `input_digest` on the same row proves that a repeated
    request is the same request (the Formance ledger keeps them together for the same reason).
    """

    key = models.CharField(_("key"), max_length=KEY_LENGTH)
    input_digest = models.CharField(_("input digest"), max_length=64)
    event = models.CharField(_("event"), max_length=EVENT_LENGTH)
    note = models.CharField(_("note"), max_length=NOTE_LENGTH, blank=True)
    reverses = models.ForeignKey(
        "self",
        verbose_name=_("reverses"),
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="reversals",
    )
    created_at = models.DateTimeField(_("created at"))

    class Meta:
        db_table = "ledger_entry"
        verbose_name = _("journal entry")
        verbose_name_plural = _("journal entries")
        ordering = ["-id"]
        constraints = [
            models.UniqueConstraint(fields=["key"], name="ledger_entry_key_unique"),
            models.UniqueConstraint(
                fields=["reverses"],
                condition=Q(reverses__isnull=False),
                name="ledger_entry_reversed_once",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.event} {self.key}"

    def as_value(self, *, is_replay: bool = False) -> Entry:
        """The row as the value that callers get."""
        return Entry(
            id=self.pk,
            key=self.key,
            event=self.event,
            note=self.note,
            created_at=self.created_at,
            reverses_id=self.reverses_id,
            is_replay=is_replay,
        )
