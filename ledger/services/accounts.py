"""Opening, capping and closing accounts."""

from __future__ import annotations

from django.db import IntegrityError, router, transaction
from django.utils import timezone

from ledger import errors
from ledger.engine import current_engine
from ledger.models import Hold, LedgerAccount
from ledger.money import exponent_of
from ledger.values import AccountHotness, AccountKind, check_text


def open_account(
    *,
    code: str,
    kind: AccountKind,
    currency: str,
    balance_cap_minor: int | None = None,
    hotness: AccountHotness = AccountHotness.NORMAL,
) -> LedgerAccount:
    """The account with this code, opened now or found. Idempotent.

    `balance_cap_minor` is what it may hold at most (minor units; None: no cap); a hot account
    has none. Found with another kind, currency or hotness: AccountConflict. The cap of an account
    that exists is left alone: `set_balance_cap` changes it.
    """
    check_text(code, name="code", most=100)
    exponent_of(currency)
    is_hot = AccountHotness(hotness) is AccountHotness.HOT
    if is_hot and balance_cap_minor is not None:
        raise errors.BadPosting("a hot account cannot have a balance cap")
    if balance_cap_minor is not None and balance_cap_minor < 0:
        raise errors.BadPosting("a balance cap is not negative")
    account = LedgerAccount.objects.filter(code=code).first()
    if account is None:
        try:
            with transaction.atomic(using=router.db_for_write(LedgerAccount)):
                return LedgerAccount.objects.create(
                    code=code,
                    kind=AccountKind(kind),
                    currency=currency,
                    is_hot=is_hot,
                    balance_cap_minor=balance_cap_minor,
                    opened_at=timezone.now(),
                )
        except IntegrityError:
            # Opened by somebody else between the look and the insert.
            account = LedgerAccount.objects.get(code=code)
    if (account.kind, account.currency, account.is_hot) != (kind, currency, is_hot):
        raise errors.AccountConflict(account_code=code)
    return account


def set_balance_cap(*, account_id: int, balance_cap_minor: int | None) -> None:
    """Change the most an account may hold (minor units; None: no cap).

    Raises BalanceCapExceeded when it holds more already, BadPosting on a hot account.
    """
    with transaction.atomic(using=router.db_for_write(LedgerAccount)):
        account = _locked(account_id)
        if balance_cap_minor is not None:
            if account.is_hot or balance_cap_minor < 0:
                raise errors.BadPosting("a balance cap is not negative, and never on a hot account")
            if _most_it_may_come_to_hold(account) > balance_cap_minor:
                raise errors.BalanceCapExceeded(account_id)
        account.balance_cap_minor = balance_cap_minor
        account.save(update_fields=["balance_cap_minor"])


def close_account(*, account_id: int) -> LedgerAccount:
    """End an account for good. Idempotent. AccountNotEmpty while money or a hold is on it."""
    with transaction.atomic(using=router.db_for_write(LedgerAccount)):
        account = _locked(account_id)
        if account.closed_at is not None:
            return account
        current_engine().fold(account_id)
        account.refresh_from_db()
        holds = Hold.objects.filter(resolution__isnull=True)
        has_holds = (
            holds.filter(debit_account=account).exists()
            or holds.filter(credit_account=account).exists()
        )
        if has_holds or account.debits_posted != account.credits_posted:
            raise errors.AccountNotEmpty(account_id)
        account.closed_at = timezone.now()
        account.save(update_fields=["closed_at"])
        return account


def _locked(account_id: int) -> LedgerAccount:
    """The account under the strongest row lock: nobody may even append to a hot one meanwhile."""
    account = LedgerAccount.objects.select_for_update().filter(pk=account_id).first()
    if account is None:
        raise errors.AccountMissing(account_id)
    return account


def _most_it_may_come_to_hold(account: LedgerAccount) -> int:
    """Balance plus what holds announce, in minor units."""
    balance = account.credits_posted - account.debits_posted
    if account.is_debit_normal:
        return account.debits_pending - balance
    return account.credits_pending + balance
