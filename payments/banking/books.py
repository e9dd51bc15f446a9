"""The bookkeeping accounts between the bank and the wallets."""

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
