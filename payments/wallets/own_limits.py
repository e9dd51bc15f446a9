"""Changing one's own limits: narrower at any time, wider only after fresh proof."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass
from typing import TYPE_CHECKING, Any

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from accounts.changes.services import note_change
from accounts.changes.undoing import register
from accounts.factors.errors import FreshProofNeeded
from accounts.security.services import record_event
from accounts.users.models import User
from payments.wallets.amounts import amount_text
from payments.wallets.errors import OwnLimitTooWide
from payments.wallets.models import OwnLimits, Wallet
from payments.wallets.selectors import bank_rules, own_limits
from payments.wallets.services import lock_wallet

if TYPE_CHECKING:
    from accounts.changes.models import Change
    from accounts.security.models import UserSession

RAISED = "wallet.limits_raised"


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


def set_own_limits(
    *, wallet: Wallet, by: User, wishes: Wishes, session: UserSession | None = None
) -> OwnLimits:
    """Write the limits of an owner who has given fresh proof; they hold for every payment confirmed
    from now on. Raises `OwnLimitTooWide` for a limit above what the bank allows the wallet.
    """
    return _write(wallet, by, wishes, session, lambda before: None)


def narrow_own_limits(
    *, wallet: Wallet, by: User, wishes: Wishes, session: UserSession | None = None
) -> OwnLimits:
    """Write limits that need no proof. Raises `FreshProofNeeded` for any that is wider than what
    holds at that moment: it is decided under the lock under which they are written; and
    `OwnLimitTooWide`."""

    def require_narrower(before: Wishes) -> None:
        if wishes.raises(before):
            raise FreshProofNeeded

    return _write(wallet, by, wishes, session, require_narrower)


def _write(
    wallet: Wallet,
    by: User,
    wishes: Wishes,
    session: UserSession | None,
    require: Callable[[Wishes], None],
) -> OwnLimits:
    with transaction.atomic():
        locked = lock_wallet(wallet.pk)
        _require_allowed(locked, wishes)
        before = current_wishes(locked)
        require(before)
        written = OwnLimits.objects.create(
            wallet=locked,
            single_minor=wishes.single,
            day_minor=wishes.day,
            day_count=wishes.day_count,
            set_by=by,
        )
        if wishes.raises(before):
            note_change(
                user=locked.owner,
                kind=RAISED,
                session=session,
                actor=by if by.pk != locked.owner_id else None,
                undo={"wallet": locked.pk, **asdict(before)},
            )
        else:
            record_event(user=locked.owner, actor=by, kind="wallet.limits_lowered")
    return written


def put_back(change: Change, kept: Mapping[str, Any]) -> None:
    """Undo a raise: the limits are what they were before it. Joins the caller's transaction."""
    wallet = lock_wallet(kept["wallet"])
    now = current_wishes(wallet)
    # What was made narrower since then stays so.
    before = Wishes(
        single=_narrower(kept["single"], now.single),
        day=_narrower(kept["day"], now.day),
        day_count=_narrower(kept["day_count"], now.day_count),
    )
    set_own_limits(wallet=wallet, by=change.user, wishes=before)


def _narrower(one: int | None, other: int | None) -> int | None:
    limits = [limit for limit in (one, other) if limit is not None]
    return min(limits, default=None)


def register_undo() -> None:
    """Make a raise of own limits a change that can be taken back."""
    register(
        kind=RAISED, says=_("Your own limits will be as they were before."), carry_out=put_back
    )


def _require_allowed(wallet: Wallet, wishes: Wishes) -> None:
    rules, _granted = bank_rules(wallet)
    for field in ("single", "day", "day_count"):
        wish, most = getattr(wishes, field), rules[field]
        if wish is not None and most is not None and wish > most:
            text = str(most) if field == "day_count" else amount_text(most, wallet.currency)
            raise OwnLimitTooWide(most=text, field=field)
