"""What is known of a transfer to a number without a wallet, beside the payment itself."""

from __future__ import annotations

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class UnclaimedTransfer(models.Model):
    """To which number, and until when. What became of it is the state of the payment."""

    payment = models.OneToOneField(
        "payments.Payment",
        on_delete=models.PROTECT,
        related_name="unclaimed",
        verbose_name=_("payment"),
    )
    phone = models.CharField(_("mobile number"), max_length=16, db_index=True)
    # Set when the money is reserved; from then on the clock runs.
    returns_at = models.DateTimeField(_("returns at"), null=True, blank=True)
    claimed_at = models.DateTimeField(_("claimed at"), null=True, blank=True)

    class Meta:
        verbose_name = _("transfer to a number without a wallet")
        verbose_name_plural = _("transfers to numbers without a wallet")
        constraints = [
            models.CheckConstraint(
                condition=Q(claimed_at=None) | Q(returns_at__isnull=False),
                name="payments_unclaimed_reserved_before_claimed",
            )
        ]

    def __str__(self) -> str:
        return str(self.payment_id)
