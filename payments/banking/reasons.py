"""Why a bank refuses, in plain words: what it means for the money and what to do next.

A reason is one of ours; banks speak the external status reason codes of ISO 20022, which
`read_reason` turns into ours. Whatever else a bank says is "other".
"""

from __future__ import annotations

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from payments.banking.states import OrderKind

# Source: ISO 20022, External Code Sets, ExternalStatusReason1Code.
ISO_REASONS = {
    "AC01": "wrong_number",
    "AC02": "wrong_number",
    "AC03": "wrong_number",
    "AC04": "card_closed",
    "AC06": "card_blocked",
    "AC07": "card_closed",
    "AM02": "over_bank_limit",
    "AM04": "insufficient_funds",
    "AM05": "duplicate",
    "AM13": "over_bank_limit",
    "AM14": "over_bank_limit",
    "BE01": "name_differs",
    "RR04": "not_allowed",
    "AG01": "not_allowed",
}
# Not a refusal of the money: the bank knows the reference already. What became of the first
# order is the question, so one that is "refused" like this is asked about again.
NOT_FINAL = frozenset({"duplicate", "content_differs"})

# Money was to come from a card.
COLLECT: dict[str, str | Promise] = {
    "insufficient_funds": _(
        "There is not enough money on the card. Nothing was taken; choose a smaller amount or "
        "another card."
    ),
    "card_closed": _(
        "The bank says this card is closed or has expired. Nothing was taken; use another card."
    ),
    "card_blocked": _(
        "The bank says this card is blocked. Nothing was taken; ask your bank, or use another card."
    ),
    "wrong_number": _(
        "The bank does not know this card number. Nothing was taken; link the card again, or use "
        "another one."
    ),
    "over_bank_limit": _(
        "The amount is over the limit your bank set for this card. Nothing was taken; choose a "
        "smaller amount, or raise the limit with your bank."
    ),
    "name_differs": _(
        "The bank says the card is not in your name. Nothing was taken; use a card in your name."
    ),
    "not_allowed": _(
        "Your bank does not allow this on the card. Nothing was taken; ask your bank, or use "
        "another card."
    ),
}
# Money was to go to a card.
PAY_OUT: dict[str, str | Promise] = {
    "insufficient_funds": _(
        "The bank could not pay this out just now. The whole amount is in your wallet; please try "
        "again later."
    ),
    "card_closed": _(
        "The bank says this card is closed or has expired. The whole amount is in your wallet; "
        "withdraw to another card."
    ),
    "card_blocked": _(
        "The bank says this card is blocked. The whole amount is in your wallet; ask your bank, "
        "or withdraw to another card."
    ),
    "wrong_number": _(
        "The bank does not know this card number. The whole amount is in your wallet; link the "
        "card again, or withdraw to another one."
    ),
    "over_bank_limit": _(
        "The amount is over what this card may receive at once. The whole amount is in your "
        "wallet; withdraw less, or to another card."
    ),
    "name_differs": _(
        "The bank says the card is not in your name. The whole amount is in your wallet; withdraw "
        "to a card in your name."
    ),
    "not_allowed": _(
        "Your bank does not allow this on the card. The whole amount is in your wallet; ask your "
        "bank, or withdraw to another card."
    ),
}
COLLECT_OTHER = _("Your bank refused this. Nothing was taken; try another card, or ask your bank.")
PAY_OUT_OTHER = _(
    "The bank refused this. The whole amount is in your wallet; try another card, or ask your bank."
)
# Why money that had been paid to a card came back.
RETURN_REASONS: dict[str, str | Promise] = {
    "card_closed": _("the card is closed or has expired."),
    "card_blocked": _("the card is blocked."),
    "wrong_number": _("the bank does not know the card number."),
    "over_bank_limit": _("the amount is over what the card may receive."),
    "name_differs": _("the card is not in your name."),
    "not_allowed": _("the bank does not allow this on the card."),
}
RETURN_UNKNOWN = _("the bank gave no reason that we know.")
CANNOT_HOLD = _(
    "The bank paid, but your wallet cannot hold that much any more, so the money is on its way "
    "back to your card. It arrives there within three working days."
)
WALLET_CLOSED = _(
    "The bank paid, but your wallet is closed, so the money is on its way back to your card. "
    "It arrives there within three working days."
)

FAILURE_TEXTS: dict[str, str | Promise] = {
    **{f"bank.{reason}": text for reason, text in COLLECT.items()},
    **{f"payout.{reason}": text for reason, text in PAY_OUT.items()},
    "bank.other": COLLECT_OTHER,
    "payout.other": PAY_OUT_OTHER,
    "top_up.balance_cap": CANNOT_HOLD,
    "top_up.wallet_closed": WALLET_CLOSED,
}
_KNOWN = frozenset(COLLECT) | NOT_FINAL


def read_reason(said: object) -> str:
    """One of our reasons from whatever a bank said; "other" for what nobody knows."""
    if not isinstance(said, str):
        return "other"
    text = said[:40].strip()
    reason = ISO_REASONS.get(text.upper(), text.lower())
    return reason if reason in _KNOWN else "other"


def failure_code(order_kind: str, reason: str) -> str:
    """The stable code of a bank's reason for a payment; what we do not know is "other"."""
    prefix = "payout" if order_kind == OrderKind.PAY_OUT else "bank"
    return f"{prefix}.{reason}" if reason in COLLECT else f"{prefix}.other"
