"""Asking to close a wallet, thinking better of it, and closing it when its day has come."""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import TYPE_CHECKING

from django.conf import settings
from django.db.models import QuerySet
from django.utils import timezone

from accounts.changes.services import note_change
from accounts.closing.services import let_go
from accounts.payment_password.services import check_payment_password
from accounts.phone.services import send_notice
from accounts.security.services import record_event
from accounts.users.models import User
from accounts.users.services import lock_person
from ledger.errors import AccountNotEmpty
from ledger.services import close_account
from payments.banking.models import LinkedCard
from payments.closing.errors import StaffMayNotClose, StillInTheWay
from payments.closing.models import WalletClosing
from payments.closing.selectors import find_open, list_due, list_obstacles
from payments.processing.retries import in_one_transaction
from payments.safety.models import FreezeCode
from payments.wallets.models import Wallet
from payments.wallets.selectors import get_wallet_for
from payments.wallets.services import lock_wallet

if TYPE_CHECKING:
    from accounts.security.models import UserSession

logger = logging.getLogger(__name__)


def ask_to_close(
    *, user: User, raw_payment_password: str, session: UserSession | None, address: str
) -> WalletClosing:
    """Begin the week after which the wallet closes. Asking twice gives the same closing.

    The caller has asked for fresh proof. Raises `StillInTheWay`, `StaffMayNotClose`, and what
    `check_payment_password` raises. Call it outside any transaction.
    """
    if user.is_staff:
        raise StaffMayNotClose
    check_payment_password(user=user, raw=raw_payment_password)
    return in_one_transaction(lambda: _begin(user, session, address))


def take_back(*, user: User, address: str = "") -> bool:
    """The owner thinks better of it: everything goes on as before; whether there was a closing to
    take back. Needs no proof: it takes nothing away from anybody."""

    def work() -> bool:
        wallet = lock_wallet(get_wallet_for(user).pk)
        taken = WalletClosing.objects.filter(
            wallet=wallet, taken_back_at=None, closed_at=None
        ).update(taken_back_at=timezone.now())
        if taken:
            record_event(user=user, kind="wallet.closing_taken_back", address=address)
            send_notice(user=user, message="wallet_closing_taken_back")
        return bool(taken)

    return in_one_transaction(work)


def close_due() -> int:
    """The sweep: close every wallet whose day has come, each in its own transaction; how many.

    Where money has come in or something is pending it stops, and tells the owner; they decide.
    One that cannot be closed for another reason stops none behind it.
    """
    done = 0
    for pk in list_due():
        try:
            done += _close(pk)
        except Exception:
            logger.exception("closing %s could not be carried out", pk)
    return done


def _begin(user: User, session: UserSession | None, address: str) -> WalletClosing:
    wallet = lock_wallet(get_wallet_for(user).pk)
    found = find_open(wallet)
    if found is not None and found.stopped_at is None:
        return found
    if wallet.is_closed or list_obstacles(user, wallet):
        raise StillInTheWay
    now = timezone.now()
    if found is not None:
        # Its week is over already; the owner has settled what stood in the way and goes on.
        found.stopped_at = None
        found.save(update_fields=["stopped_at"])
        record_event(user=user, kind="wallet.closing_goes_on", address=address)
        return found
    closing = WalletClosing.objects.create(
        wallet=wallet,
        asked_by=user,
        asked_at=now,
        closes_at=now + timedelta(seconds=settings.CLOSING["wait_seconds"]),
    )
    note_change(user=user, kind="wallet.closing_asked", session=session, address=address)
    return closing


def _close(pk: int) -> bool:
    try:
        return in_one_transaction(lambda: _close_now(pk))
    except (StillInTheWay, AccountNotEmpty):
        in_one_transaction(lambda: _stop(pk))
        return False


def _close_now(pk: int) -> bool:
    closing = WalletClosing.objects.select_related("wallet").get(pk=pk)
    # In the one order of locks: who lets a person go changes all that is theirs.
    lock_person(closing.wallet.owner_id)
    wallet = lock_wallet(closing.wallet_id)
    now = timezone.now()
    # Under the lock of the wallet: nobody confirms a payment out meanwhile, and the row count
    # decides between this, another worker and its owner who takes it back.
    if not _open(pk).filter(stopped_at=None, closes_at__lte=now).update(closed_at=now):
        return False
    if list_obstacles(wallet.owner, wallet):
        raise StillInTheWay
    # Refused while money or a hold is on it, under the lock of the books: what comes in at this
    # moment is either in before, and stops the closing, or is refused by the closed account.
    close_account(account_id=wallet.ledger_account_id)
    _shut(wallet)
    let_go(user=wallet.owner)
    return True


def _shut(wallet: Wallet) -> None:
    now = timezone.now()
    wallet.closed_at = now
    wallet.save(update_fields=["closed_at"])
    LinkedCard.objects.filter(owner=wallet.owner, removed_at=None).update(removed_at=now)
    FreezeCode.objects.filter(owner=wallet.owner, ended_at=None).update(ended_at=now)


def _stop(pk: int) -> None:
    closing = WalletClosing.objects.select_related("asked_by").get(pk=pk)
    lock_wallet(closing.wallet_id)
    if _open(pk).filter(stopped_at=None).update(stopped_at=timezone.now()):
        record_event(user=closing.asked_by, kind="wallet.closing_stopped")
        send_notice(user=closing.asked_by, message="wallet_closing_stopped")


def _open(pk: int) -> QuerySet[WalletClosing]:
    return WalletClosing.objects.filter(pk=pk, taken_back_at=None, closed_at=None)
