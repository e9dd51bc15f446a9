"""What a payer must be told about transfers that were to happen without them."""

from __future__ import annotations

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class TransferNotice(models.Model):
    """A transfer that did not happen while its payer was away. Shown until they have seen it.

    Written in the transaction that decided it; `code` chooses the sentence.
    """

    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("payer"),
    )
    # Of one thing is told once, whoever finds out how often.
    key = models.CharField(max_length=100, unique=True)
    code = models.CharField(_("failure"), max_length=60)
    party = models.CharField(_("payee"), max_length=100)
    amount_minor = models.BigIntegerField(_("amount"))
    currency = models.CharField(_("currency"), max_length=3)
    due_at = models.DateTimeField(_("due at"))
    created_at = models.DateTimeField(_("created at"), default=timezone.now, editable=False)
    seen_at = models.DateTimeField(_("seen at"), null=True, blank=True)

    class Meta:
        verbose_name = _("notice of a transfer")
        verbose_name_plural = _("notices of transfers")
        indexes = [
            models.Index(
                fields=["owner", "-id"], condition=Q(seen_at=None), name="payments_notice_unseen"
            ),
        ]

    def __str__(self) -> str:
        return self.key
