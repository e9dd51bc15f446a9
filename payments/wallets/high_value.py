"""Which people have a wallet of high value: by what is in it, or by its class."""

from __future__ import annotations

from django.conf import settings

from accounts.users.models import User
from payments.wallets.models import Wallet
from payments.wallets.selectors import wallet_balance


def is_high_value(user: User) -> bool:
    """Whether support needs a second person to end this person's locks."""
    rules = settings.SUPPORT
    return any(
        wallet.wallet_class in rules["high_value_classes"]
        or wallet_balance(wallet).posted_minor >= rules["high_value_minor"]
        for wallet in Wallet.objects.filter(owner=user, closed_at=None)
    )
