"""From a business event to entries in the books: the only place where a payment meets them."""

from __future__ import annotations

from datetime import datetime, timedelta

from django.utils import timezone

from ledger.errors import InsufficientFunds
from ledger.selectors import get_balance
from ledger.services import capture_hold, place_hold, post_entry, void_hold
from ledger.values import Entry, Posting
from payments.processing.errors import NotEnoughMoney
from payments.processing.kinds import get_kind
from payments.processing.models import Payment
from payments.wallets.amounts import amount_text
from payments.wallets.models import Wallet

# A hold that only its payment ends; the books want a date all the same.
_FAR = timedelta(days=100 * 365)


def no_expiry() -> datetime:
    """A date for holds that do not run out by themselves."""
    return timezone.now() + _FAR


def hold_payment(payment: Payment, *, expires_at: datetime | None = None) -> None:
    """Reserve the payment's money for where its only posting will take it; nothing is booked.

    For a kind's `begin`. The hold lasts until the payment ends, or until `expires_at`. Raises
    `NotEnoughMoney`, and what `ledger.services.place_hold` raises otherwise.
    """
    (posting,) = get_kind(payment.kind).postings(payment)
    try:
        hold = place_hold(
            key=f"payment:{payment.public_id}:hold",
            debit=posting.debit,
            credit=posting.credit,
            amount_minor=posting.amount_minor,
            expires_at=expires_at or no_expiry(),
        )
    except InsufficientFunds as error:
        available = get_balance(error.account_id).available_minor
        raise _not_enough(payment.amount_minor, available, payment.currency) from error
    payment.hold_id = hold.pk
    payment.save(update_fields=["hold"])


def release_payment(payment: Payment) -> None:
    """Give back what the payment reserved; nothing to do when it reserved nothing."""
    if payment.hold_id is not None:
        void_hold(hold_id=payment.hold_id, key=f"payment:{payment.public_id}:void")


def book_payment(payment: Payment) -> Entry:
    """Post the payment, or capture what it reserved, once: the key is `payment:<public_id>`.

    Raises `NotEnoughMoney`, and what `ledger.services.post_entry` raises otherwise.
    """
    if payment.hold_id is not None:
        return capture_hold(hold_id=payment.hold_id, key=f"payment:{payment.public_id}")
    try:
        return post_entry(
            key=f"payment:{payment.public_id}",
            event=payment.kind,
            postings=get_kind(payment.kind).postings(payment),
            note=payment.reference,
        )
    except InsufficientFunds as error:
        available = get_balance(error.account_id).available_minor
        raise _not_enough(payment.amount_minor, available, payment.currency) from error


def wallet_to_wallet(payment: Payment) -> list[Posting]:
    """A transfer: the payer's wallet is owed less, the payee's more."""
    if payment.payer_wallet is None or payment.payee_wallet is None:
        raise ValueError("a transfer has a payer and a payee")
    return [
        Posting(
            debit=payment.payer_wallet.ledger_account_id,
            credit=payment.payee_wallet.ledger_account_id,
            amount_minor=payment.amount_minor,
        )
    ]


def require_enough(*, wallet: Wallet, amount_minor: int) -> None:
    """Raise `NotEnoughMoney` if the wallet cannot pay this much now. The books decide."""
    available = get_balance(wallet.ledger_account_id).available_minor
    if amount_minor > available:
        raise _not_enough(amount_minor, available, wallet.currency)


def _not_enough(due_minor: int, available_minor: int, currency: str) -> NotEnoughMoney:
    """The refusal that names what is due, what is there and what is missing."""
    return NotEnoughMoney(
        due=amount_text(due_minor, currency),
        available=amount_text(available_minor, currency),
        short=amount_text(max(due_minor - available_minor, 0), currency),
    )
