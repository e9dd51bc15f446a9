"""Reading the books. Nothing here changes anything."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import BigIntegerField, OuterRef, Q, QuerySet, Subquery, Sum
from django.db.models.functions import Coalesce

from ledger import errors
from ledger.models import JournalEntry, JournalPosting, LedgerAccount, UnfoldedIncrease
from ledger.values import Balance, Entry, Posting


@dataclass(frozen=True, slots=True)
class AccountLine:
    """One posting as an account sees it. `signed_minor` > 0 raised its balance."""

    posting_id: int
    entry_id: int
    event: str
    note: str
    other_account_id: int
    signed_minor: int
    created_at: datetime


@dataclass(frozen=True, slots=True)
class BalanceSheet:
    """What all accounts hold; `sums_minor` by "kind CURRENCY", `digest` over every balance."""

    sums_minor: dict[str, int]
    digest: str


def get_account(account_id: int) -> LedgerAccount:
    """The account with this id. Raises AccountMissing."""
    account = LedgerAccount.objects.filter(pk=account_id).first()
    if account is None:
        raise errors.AccountMissing(account_id)
    return account


def find_account(code: str) -> LedgerAccount | None:
    """The account with this code, if it was opened."""
    return LedgerAccount.objects.filter(code=code).first()


def get_balance(account_id: int) -> Balance:
    """The account's balance now, queued increases of a hot account included.

    Raises AccountMissing.
    """
    balances = get_balances([account_id])
    if account_id not in balances:
        raise errors.AccountMissing(account_id)
    return balances[account_id]


def get_balances(account_ids: Iterable[int]) -> dict[int, Balance]:
    """Balances by account id, all of one moment; unknown ids are left out."""
    rows = _accounts_with_queue().filter(pk__in=set(account_ids))
    return {row.pk: _balance(row, queued_minor=row.queued_minor) for row in rows}


def get_balance_sheet() -> BalanceSheet:
    """All balances of one moment: summed up by kind and currency, and as one digest."""
    sums_minor: dict[str, int] = {}
    digest = hashlib.sha256()
    for row in _accounts_with_queue().order_by("pk").iterator():
        balance = _balance(row, queued_minor=row.queued_minor)
        name = f"{row.kind} {row.currency}"
        sums_minor[name] = sums_minor.get(name, 0) + balance.posted_minor
        line = f"{row.code} {row.currency} {balance.posted_minor} {balance.pending_minor}\n"
        digest.update(line.encode())
    return BalanceSheet(sums_minor, digest.hexdigest())


def _accounts_with_queue() -> QuerySet[LedgerAccount, Any]:
    """One statement, so that a fold in between can neither hide nor double an increase."""
    queued = (
        UnfoldedIncrease.objects.filter(account=OuterRef("pk"))
        .order_by()
        .values("account")
        .annotate(total=Sum("amount_minor"))
        .values("total")
    )
    return LedgerAccount.objects.annotate(
        queued_minor=Coalesce(Subquery(queued, output_field=BigIntegerField()), 0)
    )


def _balance(row: LedgerAccount, *, queued_minor: int) -> Balance:
    if row.is_debit_normal:
        posted, pending = row.debits_posted - row.credits_posted, row.credits_pending
    else:
        posted, pending = row.credits_posted - row.debits_posted, row.debits_pending
    posted += queued_minor
    return Balance(posted_minor=posted, pending_minor=pending, available_minor=posted - pending)


def get_entry(entry_id: int, *, is_replay: bool = False) -> Entry:
    """The entry with this id. Raises EntryMissing."""
    row = JournalEntry.objects.filter(pk=entry_id).first()
    if row is None:
        raise errors.EntryMissing(entry_id)
    return row.as_value(is_replay=is_replay)


def find_entry(key: str) -> Entry | None:
    """The entry that was booked under this key, if any."""
    row = JournalEntry.objects.filter(key=key).first()
    return None if row is None else row.as_value()


def list_postings_of_entry(entry_id: int) -> list[Posting]:
    """The entry's postings in the order in which they were given."""
    rows = JournalPosting.objects.filter(entry_id=entry_id).order_by("pk")
    return [Posting(row.debit_account_id, row.credit_account_id, row.amount_minor) for row in rows]


def list_account_lines(
    account_id: int, *, before_posting_id: int | None = None, most: int = 50
) -> Sequence[AccountLine]:
    """The account's newest postings first, one page; `before_posting_id` asks for the next page.

    Raises AccountMissing.
    """
    account = get_account(account_id)
    rows = JournalPosting.objects.filter(
        Q(debit_account=account_id) | Q(credit_account=account_id)
    ).select_related("entry")
    if before_posting_id is not None:
        rows = rows.filter(pk__lt=before_posting_id)
    return [_line(row, account) for row in rows.order_by("-pk")[:most]]


def _line(row: JournalPosting, account: LedgerAccount) -> AccountLine:
    is_debit = row.debit_account_id == account.pk
    is_increase = is_debit == account.is_debit_normal
    return AccountLine(
        posting_id=row.pk,
        entry_id=row.entry_id,
        event=row.entry.event,
        note=row.entry.note,
        other_account_id=row.credit_account_id if is_debit else row.debit_account_id,
        signed_minor=row.amount_minor if is_increase else -row.amount_minor,
        created_at=row.entry.created_at,
    )
