"""The bookkeeping accounts between the bank and the wallets.

A withdrawal takes two entries, so that customers never queue for one account. Confirming holds
the money from the wallet to `bank:payouts`, a hot liability: what comes into a hot account is
appended, not added under its lock. The clearing account is an asset, and paying out lowers it:
holding against it directly would fold and lock that one row inside every customer's confirmation.
When the bank has settled, the worker captures the hold (the wallet is owed less, `bank:payouts`
more) and in the same transaction books `bank:payouts` against clearing (the bank holds less for
us). Only workers ever wait there, and `bank:payouts` stands at zero between two withdrawals.
"""

from __future__ import annotations

from ledger.services import AccountHotness, AccountKind, open_account


def clearing_account_id(currency: str) -> int:
    """What the bank holds for us (an asset), opened on first use. Hot: every top-up raises it."""
    return open_account(
        code=f"bank:clearing:{currency}",
        kind=AccountKind.ASSET,
        currency=currency,
        hotness=AccountHotness.HOT,
    ).pk


def returns_account_id(currency: str) -> int:
    """What we owe to cards: money that arrived and could not be credited to a wallet."""
    return open_account(
        code=f"bank:returns:{currency}", kind=AccountKind.LIABILITY, currency=currency
    ).pk


def payouts_account_id(currency: str) -> int:
    """What we owe to the bank for withdrawals it has paid. Hot: every withdrawal raises it."""
    return open_account(
        code=f"bank:payouts:{currency}",
        kind=AccountKind.LIABILITY,
        currency=currency,
        hotness=AccountHotness.HOT,
    ).pk
