"""Changing one's own limits: narrower at any time, wider only after fresh proof."""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.db import transaction

from accounts.security.services import record_event
from accounts.users.models import User
from payments.wallets.amounts import amount_text
from payments.wallets.errors import OwnLimitTooWide
from payments.wallets.models import OwnLimits, Wallet
from payments.wallets.selectors import own_limits
from payments.wallets.services import lock_wallet


@dataclass(frozen=True, slots=True)
class Wishes:
    """What an owner wants: minor units and a count; None sets nothing narrower than the class."""

    single: int | None = None
    day: int | None = None
    day_count: int | None = None

    def raises(self, now: Wishes) -> bool:
        """Whether any of the three is wider than what holds now."""
        pairs = ((self.single, now.single), (self.day, now.day), (self.day_count, now.day_count))
        return any(
            before is not None and (after is None or after > before) for after, before in pairs
        )


def current_wishes(wallet: Wallet) -> Wishes:
    """What the owner set last."""
    own = own_limits(wallet)
    return Wishes(own.single_minor, own.day_minor, own.day_count) if own else Wishes()


def set_own_limits(*, wallet: Wallet, by: User, wishes: Wishes) -> OwnLimits:
    """Write the owner's limits; they hold for every payment confirmed from now on.

    Whether widening them needs fresh proof is the caller's to ask (`Wishes.raises`). Raises
    `OwnLimitTooWide` for a limit above that of the class.
    """
    with transaction.atomic():
        locked = lock_wallet(wallet.pk)
        _require_narrower(locked, wishes)
        before = current_wishes(locked)
        written = OwnLimits.objects.create(
            wallet=locked,
            single_minor=wishes.single,
            day_minor=wishes.day,
            day_count=wishes.day_count,
            set_by=by,
        )
        record_event(
            user=locked.owner,
            actor=by,
            kind=f"wallet.limits_{'raised' if wishes.raises(before) else 'lowered'}",
        )
    return written


def _require_narrower(wallet: Wallet, wishes: Wishes) -> None:
    rules = settings.LIMITS[wallet.wallet_class]
    for field in ("single", "day", "day_count"):
        wish, most = getattr(wishes, field), rules[field]
        if wish is not None and most is not None and wish > most:
            text = str(most) if field == "day_count" else amount_text(most, wallet.currency)
            raise OwnLimitTooWide(most=text, field=field)
