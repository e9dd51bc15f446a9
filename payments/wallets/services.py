"""Opening a wallet and changing what it may do."""

from __future__ import annotations

import uuid

from django.conf import settings
from django.db import IntegrityError, transaction
from django.utils import timezone

from accounts.identity.selectors import assurance_level
from accounts.security.services import record_event
from accounts.users.models import User
from ledger.services import (
    AccountHotness,
    AccountKind,
    open_account,
    set_balance_cap,
)
from payments.wallets.errors import NoWalletForStaff, WalletClosed, WalletFrozen
from payments.wallets.models import Freeze, Wallet
from payments.wallets.numbers import new_wallet_number
from payments.wallets.selectors import find_wallet_for

# How sure we are of the owner -> class. Source: specs/defaults, "Wallet classes".
CLASS_OF_LEVEL = {
    "phone": Wallet.WalletClass.IV,
    "identity": Wallet.WalletClass.III,
    "card": Wallet.WalletClass.II,
    "in_person": Wallet.WalletClass.I,
}
# The lowest first.
_CLASSES = ["IV", "III", "II", "I"]
_NUMBER_TRIES = 5


def open_wallet(*, user: User) -> Wallet:
    """The person's own wallet, opened now or found. Idempotent, also when asked for twice at once.

    Opens the ledger account with the balance cap of the class that fits the person's level. Raises
    `NoWalletForStaff`, also for a customer who was made staff: nothing is asked of it any more.
    """
    if user.is_staff:
        raise NoWalletForStaff
    found = find_wallet_for(user)
    if found is not None:
        return found
    wallet_class = CLASS_OF_LEVEL[assurance_level(user)]
    return _open(
        user=user,
        kind=Wallet.Kind.PERSONAL,
        wallet_class=wallet_class,
        name="",
        hotness=AccountHotness.NORMAL,
    )


def open_merchant_wallet(*, user: User, name: str) -> Wallet:
    """Open a wallet for a shop, which everybody may pay into at once: its account is hot. Raises
    `NoWalletForStaff`."""
    if user.is_staff:
        raise NoWalletForStaff
    return _open(
        user=user,
        kind=Wallet.Kind.MERCHANT,
        wallet_class=Wallet.WalletClass.I,
        name=name,
        hotness=AccountHotness.HOT,
    )


def set_wallet_class(*, wallet: Wallet, wallet_class: str) -> Wallet:
    """Move a wallet to another class and give its ledger account that class's balance cap.

    Raises `ledger.errors.BalanceCapExceeded` when it holds more than the new class may.
    """
    with transaction.atomic():
        locked = lock_wallet(wallet.pk)
        locked.wallet_class = Wallet.WalletClass(wallet_class)
        locked.save(update_fields=["wallet_class"])
        set_balance_cap(
            account_id=locked.ledger_account_id,
            balance_cap_minor=settings.LIMITS[locked.wallet_class]["balance_cap"],
        )
        record_event(
            user=locked.owner,
            kind="wallet.class_changed",
            details={"wallet_class": str(locked.wallet_class)},
        )
    return locked


def match_wallet_class(*, user: User) -> Wallet | None:
    """Raise the person's wallet to the class of their level; never lowers it."""
    wallet = find_wallet_for(user)
    if wallet is None or _class_to_come(wallet) is None:
        return wallet
    with transaction.atomic():
        # Looked at again under the lock: somebody else may have raised both at this moment.
        locked = lock_wallet(wallet.pk)
        wanted = _class_to_come(locked)
        return set_wallet_class(wallet=locked, wallet_class=wanted) if wanted else locked


def _class_to_come(wallet: Wallet) -> str | None:
    """The class of the owner's level, where that is a higher one."""
    wanted = CLASS_OF_LEVEL[assurance_level(wallet.owner)]
    is_higher = _CLASSES.index(wanted) > _CLASSES.index(wallet.wallet_class)
    return wanted if is_higher else None


def freeze_wallet(
    *,
    wallet: Wallet,
    by: User | None,
    reason: str,
    side: str = Freeze.Side.BANK,
    how: str = Freeze.How.STAFF,
) -> Wallet:
    """Stop money out; money in still arrives. Freezing twice is fine.

    The owner's freeze and the bank's are two: each lasts until its own side lifts it. `by` is None
    for somebody who was not signed in.
    """
    with transaction.atomic():
        locked = lock_wallet(wallet.pk)
        if not locked.freezes.filter(side=side, lifted_at=None).exists():
            Freeze.objects.create(wallet=locked, side=side, how=how, by=by, reason=reason[:200])
            record_event(
                user=locked.owner, actor=by, kind="wallet.frozen", details={"reason": reason[:200]}
            )
        if not locked.is_frozen:
            locked.is_frozen = True
            locked.save(update_fields=["is_frozen"])
    return locked


def unfreeze_wallet(
    *, wallet: Wallet, by: User, reason: str, side: str = Freeze.Side.BANK
) -> Wallet:
    """End the freeze of one side; the caller has checked who asks. Money may leave again when the
    other side has none. Lifting twice is fine."""
    with transaction.atomic():
        locked = lock_wallet(wallet.pk)
        open_ones = locked.freezes.filter(lifted_at=None)
        if open_ones.filter(side=side).update(lifted_at=timezone.now(), lifted_by=by):
            record_event(
                user=locked.owner,
                actor=by,
                kind="wallet.unfrozen",
                details={"reason": reason[:200]},
            )
        locked.is_frozen = open_ones.exists()
        locked.save(update_fields=["is_frozen"])
    return locked


def lock_wallet(wallet_id: int) -> Wallet:
    """The wallet under its row lock, re-read. Call inside a transaction.

    Weaker than a key lock: rows that point at the wallet may be written meanwhile.
    """
    return (
        Wallet.objects.select_for_update(of=("self",), no_key=True)
        .select_related("owner")
        .get(pk=wallet_id)
    )


def require_may_pay(wallet: Wallet) -> None:
    """Raise `WalletClosed` or `WalletFrozen` unless money may leave this wallet."""
    if wallet.is_closed or not wallet.owner.is_active:
        raise WalletClosed
    if wallet.is_frozen:
        raise WalletFrozen


def _open(
    *, user: User, kind: str, wallet_class: str, name: str, hotness: AccountHotness
) -> Wallet:
    for last_try in range(_NUMBER_TRIES):
        try:
            with transaction.atomic():
                return _insert(
                    user=user, kind=kind, wallet_class=wallet_class, name=name, hotness=hotness
                )
        except IntegrityError:
            # Somebody else opened it meanwhile, or the random number is taken.
            found = find_wallet_for(user) if kind == Wallet.Kind.PERSONAL else None
            if found is not None:
                return found
            if last_try == _NUMBER_TRIES - 1:
                raise
    raise AssertionError("the loop returns or raises")


def _insert(
    *, user: User, kind: str, wallet_class: str, name: str, hotness: AccountHotness
) -> Wallet:
    public_id = uuid.uuid4()
    is_hot = hotness is AccountHotness.HOT
    account = open_account(
        code=f"wallet:{public_id}",
        kind=AccountKind.LIABILITY,
        currency=settings.WALLET_CURRENCY,
        balance_cap_minor=None if is_hot else settings.LIMITS[wallet_class]["balance_cap"],
        hotness=hotness,
    )
    wallet = Wallet.objects.create(
        public_id=public_id,
        number=new_wallet_number(),
        owner=user,
        kind=kind,
        wallet_class=wallet_class,
        name=name,
        ledger_account_id=account.pk,
        currency=settings.WALLET_CURRENCY,
    )
    record_event(user=user, kind="wallet.opened", details={"wallet_class": str(wallet_class)})
    return wallet
