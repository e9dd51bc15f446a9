"""What the owner of a payment should know besides its state: that the bank sent money back, why,
and where it is now."""

from __future__ import annotations

from datetime import timedelta

from django.utils import formats, timezone
from django.utils.translation import gettext as _

from payments.banking.models import BankReturn
from payments.banking.reasons import RETURN_REASONS, RETURN_UNKNOWN
from payments.processing.models import Payment
from payments.processing.references import spaced

# So long after it was linked, a card is no longer new.
NEW_CARD = timedelta(hours=24)


def new_card_caution(payment: Payment) -> str:
    """Before a withdrawal to a card that was linked a short while ago."""
    linked_at = payment.withdrawal.card.linked_at
    if timezone.now() - linked_at > NEW_CARD:
        return ""
    said = _(
        "This card was linked on %(day)s at %(time)s. If that was not you, or somebody asked you "
        "to, cancel and secure your wallet."
    )
    local = timezone.localtime(linked_at)
    return said % {
        "day": formats.date_format(local, "Y-m-d"),
        "time": formats.date_format(local, "H:i"),
    }


def withdrawal_remark(payment: Payment) -> str:
    """On the withdrawal: when its money came back and where it is."""
    back = BankReturn.objects.filter(order__payment=payment).select_related("payment").first()
    if back is None:
        return ""
    params = {"day": _day(back), "reason": _reason(back)}
    if back.payment is None:
        said = _(
            "On %(day)s your bank sent this money back: %(reason)s Your wallet cannot take it at "
            "the moment. We keep it for you, and our payments team is on it."
        )
        return said % params
    said = _(
        "On %(day)s your bank sent this money back: %(reason)s It is in your wallet again, under "
        "the reference %(reference)s."
    )
    return said % {**params, "reference": spaced(back.payment.reference)}


def return_remark(payment: Payment) -> str:
    """On the credit: which payment it belongs to, and why the money came back."""
    back = BankReturn.objects.filter(payment=payment).select_related("order__payment").first()
    if back is None:
        return ""
    said = _("Your bank sent back what you had withdrawn (reference %(reference)s): %(reason)s")
    return said % {
        "reference": spaced(back.order.payment.reference),
        "reason": _reason(back),
    }


def adjustment_remark(payment: Payment) -> str:
    """On an adjustment: who did it."""
    return _("Set right by our payments team, after the bank had changed its answer.")


def _day(back: BankReturn) -> str:
    return formats.date_format(timezone.localtime(back.created_at), "Y-m-d")


def _reason(back: BankReturn) -> str:
    return str(RETURN_REASONS.get(back.reason, RETURN_UNKNOWN))
