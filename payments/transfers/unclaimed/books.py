"""The bookkeeping account of money on its way to somebody without a wallet.

Confirming holds the money from the payer's wallet to `unclaimed`. Accepting captures the hold and
in the same transaction books `unclaimed` to the receiver's wallet, so that it stands at zero
between two of them. Hot: many payers hold towards it at once.
"""

from __future__ import annotations

from ledger.services import AccountHotness, AccountKind, open_account


def unclaimed_account_id(currency: str) -> int:
    """What we owe to people who have no wallet yet (a liability), opened on first use."""
    return open_account(
        code=f"unclaimed:{currency}",
        kind=AccountKind.LIABILITY,
        currency=currency,
        hotness=AccountHotness.HOT,
    ).pk
