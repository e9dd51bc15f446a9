"""When a transfer arrives: at once, or later and stoppable until then.

What is on its way is held from the payer's wallet for `transfers:transit`, not for the payee: a
hold keeps room under its receiver's balance cap, and one that can be stopped for free would tell
the payer how much the payee has, or keep others from paying them. When its time has come the hold
is captured, and in the same transaction the payee gets it; `transfers:transit` stands at zero
between two arrivals. See `payments.banking.books`, which does the same for withdrawals.
"""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext, ngettext

from ledger.services import AccountHotness, AccountKind, open_account
from ledger.values import Posting
from payments.processing.bookkeeping import hold_payment, wallet_to_wallet
from payments.processing.models import Payment

# The choice left to us: at once, but later the first time somebody is paid.
AUTOMATIC = "auto"


def list_delays() -> list[int]:
    """The seconds a payer may choose between; 0 is at once."""
    return list(settings.PAYMENTS["arrival_delays"])


def choose_delay(arrival: str, *, is_first: bool) -> int:
    """The seconds that a choice means for this payee; what is no choice arrives at once."""
    if arrival == AUTOMATIC:
        return int(settings.PAYMENTS["first_payee_delay"]) if is_first else 0
    return next((delay for delay in list_delays() if str(delay) == arrival), 0)


def delay_text(delay_seconds: int) -> str:
    """After 2 hours."""
    if not delay_seconds:
        return gettext("At once")
    hours = delay_seconds // 3600
    return ngettext("After %(count)s hour", "After %(count)s hours", hours) % {"count": hours}


def arrival_text(payment: Payment) -> str:
    """What the check page says of the arrival, and why."""
    after = delay_text(payment.delay_seconds)
    if not payment.delay_seconds:
        return gettext("At once; it cannot be undone")
    if payment.is_first_to_payee:
        return gettext(
            "%(after)s, as it is your first transfer to this person; you can stop it until then"
        ) % {"after": after}
    return gettext("%(after)s; you can stop it until then") % {"after": after}


def waits(payment: Payment) -> bool:
    """Whether it arrives later."""
    return payment.delay_seconds > 0


def may_stop(payment: Payment) -> bool:
    """Whether the payer may still stop it: until the moment it was to arrive."""
    return payment.arrives_at is not None and timezone.now() < payment.arrives_at


def begin(payment: Payment) -> None:
    """Hold the money and start the clock. Raises what `hold_payment` raises."""
    hold_payment(payment)
    payment.arrives_at = timezone.now() + timedelta(seconds=payment.delay_seconds)
    payment.save(update_fields=["arrives_at"])


def postings(payment: Payment) -> list[Posting]:
    """From wallet to wallet, or first into transit when it arrives later."""
    direct = wallet_to_wallet(payment)
    if not waits(payment):
        return direct
    transit = transit_account_id(payment.currency)
    return [Posting(direct[0].debit, transit, payment.amount_minor)]


def arriving_postings(payment: Payment) -> list[Posting]:
    """The last part of the way: out of transit to the payee."""
    (direct,) = wallet_to_wallet(payment)
    transit = transit_account_id(payment.currency)
    return [Posting(transit, direct.credit, payment.amount_minor)]


def transit_account_id(currency: str) -> int:
    """What we owe to payees of transfers that are arriving. Hot: every delayed one raises it."""
    return open_account(
        code=f"transfers:transit:{currency}",
        kind=AccountKind.LIABILITY,
        currency=currency,
        hotness=AccountHotness.HOT,
    ).pk
