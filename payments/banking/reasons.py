"""Why a bank refuses, in plain words: what it means for the money and what to do next."""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

REASONS: dict[str, str | Promise] = {
    "insufficient_funds": _(
        "There is not enough money on the card. Nothing was taken; choose a smaller amount or "
        "another card."
    ),
    "card_closed": _(
        "The bank says this card is closed or has expired. Nothing was taken; use another card."
    ),
    "over_bank_limit": _(
        "The amount is over the limit your bank set for this card. Nothing was taken; choose a "
        "smaller amount, or raise the limit with your bank."
    ),
    "content_differs": _(
        "The bank did not recognise this order. Nothing was taken; please start again."
    ),
}
OTHER = _("Your bank refused this. Nothing was taken; try another card, or ask your bank.")
CANNOT_HOLD = _(
    "The bank paid, but your wallet cannot hold that much any more, so the money is on its way "
    "back to your card. It arrives there within three working days."
)
WALLET_CLOSED = _(
    "The bank paid, but your wallet is closed, so the money is on its way back to your card. "
    "It arrives there within three working days."
)

FAILURE_TEXTS: dict[str, str | Promise] = {
    **{f"bank.{reason}": text for reason, text in REASONS.items()},
    "bank.other": OTHER,
    "top_up.balance_cap": CANNOT_HOLD,
    "top_up.wallet_closed": WALLET_CLOSED,
}


def failure_code(reason: str) -> str:
    """The stable code of a bank's reason; one we do not know is "bank.other"."""
    return f"bank.{reason}" if reason in REASONS else "bank.other"
