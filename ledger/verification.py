"""The proof of the books: everything that can be recomputed is recomputed.

`verify_ledger` trusts no counter, no digest and no seal: it reads the journal from the first entry
to the last in one consistent view and compares. (GNU Taler's auditor and TigerBeetle's state
checker play the same part in their houses.)
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from django.db import DEFAULT_DB_ALIAS, connections, router, transaction
from django.db.models import Sum

from ledger.append_only import missing_triggers
from ledger.engine.movement import Movement
from ledger.models import (
    Hold,
    HoldResolution,
    JournalEntry,
    LedgerAccount,
    SealedBlock,
    UnfoldedIncrease,
)
from ledger.models.hold import HoldOutcome
from ledger.seals import START, JournalLink, next_link, walk_journal
from ledger.values import EntryDraft, draft_digest

_MOST_PROBLEMS = 200


@dataclass(slots=True)
class Report:
    """What was found. `head` is the last link of the seal over the whole journal.

    `totals_minor` is the sum of all postings by currency; `sealed_up_to` the last entry that a
    block closes.
    """

    problems: list[str] = field(default_factory=list)
    head: str = START
    accounts: int = 0
    entries: int = 0
    postings: int = 0
    holds: int = 0
    blocks: int = 0
    sealed_up_to: int = 0
    totals_minor: dict[str, int] = field(default_factory=dict)

    @property
    def ok(self) -> bool:
        """True when nothing is wrong."""
        return not self.problems

    def say(self, problem: str) -> None:
        """Note a problem; a broken ledger does not fill the memory with them."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)


def verify_ledger() -> Report:
    """Recompute and compare everything. Changes nothing; reads one consistent view."""
    alias = router.db_for_write(JournalEntry)
    report = Report()
    with one_view(alias):
        accounts = {account.pk: account for account in LedgerAccount.objects.all()}
        report.accounts = len(accounts)
        counted: dict[int, Movement] = defaultdict(Movement)
        _check_journal(report, accounts, counted)
        _check_holds(report, accounts, counted)
        _check_counters(report, accounts, counted)
        for name in missing_triggers(connections[alias]):
            report.say(f"trigger {name} is missing or switched off")
    return report


@contextmanager
def one_view(alias: str = DEFAULT_DB_ALIAS) -> Iterator[None]:
    """Everything read inside is of one moment, and no writer waits for us."""
    connection = connections[alias]
    if connection.in_atomic_block:
        yield  # the caller's transaction (tests): nobody else writes
    elif connection.vendor == "sqlite":
        # Django's own BEGIN would be IMMEDIATE and hold the one write lock all the time.
        with connection.cursor() as cursor:
            cursor.execute("BEGIN DEFERRED")
            try:
                yield
            finally:
                cursor.execute("ROLLBACK")
    else:
        with transaction.atomic(using=alias):
            if connection.vendor == "postgresql":
                with connection.cursor() as cursor:
                    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
                    # A long history takes longer than a page may.
                    cursor.execute("SET LOCAL statement_timeout = 0")
            yield


def _check_journal(
    report: Report, accounts: dict[int, LedgerAccount], counted: dict[int, Movement]
) -> None:
    """Entries, postings, digests and seals, in one walk; fills `counted` and the head."""
    blocks = {block.last_entry_id: block for block in SealedBlock.objects.all()}
    report.blocks = len(blocks)
    report.sealed_up_to = max(blocks, default=0)
    totals: dict[str, int] = defaultdict(int)
    reversed_by: dict[int, list[tuple[int, int, int]]] = {}
    since_block = 0
    for link in walk_journal():
        report.head = next_link(report.head, link.content)
        report.entries += 1
        report.postings += len(link.postings)
        since_block += 1
        _check_entry(report, link, accounts, counted, totals)
        if link.entry.reverses_id is not None:
            reversed_by[link.entry.reverses_id] = [
                (credit, debit, amount) for debit, credit, amount in link.postings
            ]
        block = blocks.pop(link.entry.pk, None)
        if block is not None:
            if (block.chain_digest, block.entry_count) != (report.head, since_block):
                report.say(f"seal broken: block up to entry {block.last_entry_id}")
            since_block = 0
    for last_entry_id in blocks:
        report.say(f"seal broken: entry {last_entry_id} ends a block and is gone")
    _check_reversals(report, reversed_by)
    report.totals_minor = dict(totals)


def _check_entry(
    report: Report,
    link: JournalLink,
    accounts: dict[int, LedgerAccount],
    counted: dict[int, Movement],
    totals: dict[str, int],
) -> None:
    entry = link.entry
    if not link.postings:
        report.say(f"entry {entry.pk} has no postings")
    draft = EntryDraft(entry.key, entry.event, link.postings, entry.note, entry.reverses_id)
    if draft_digest(draft) != entry.input_digest:
        report.say(f"entry {entry.pk} does not match its input digest")
    for debit, credit, amount_minor in link.postings:
        if amount_minor <= 0 or debit == credit:
            report.say(f"entry {entry.pk} has a posting that is no pair")
        if debit not in accounts or credit not in accounts:
            report.say(f"entry {entry.pk} names an account that does not exist")
            continue
        currency = accounts[debit].currency
        if currency != accounts[credit].currency:
            report.say(f"entry {entry.pk} mixes currencies")
        counted[debit].debits_posted += amount_minor
        counted[credit].credits_posted += amount_minor
        totals[currency] += amount_minor


def _check_reversals(report: Report, reversed_by: dict[int, list[tuple[int, int, int]]]) -> None:
    """A reversal swaps exactly what it names."""
    ids = sorted(reversed_by)
    originals = {row.pk: row for row in JournalEntry.objects.filter(pk__in=ids)}
    for entry_id, swapped in reversed_by.items():
        if entry_id not in originals:
            report.say(f"entry {entry_id} is reversed and does not exist")
            continue
        rows = originals[entry_id].postings.order_by("pk")
        pairs = list(rows.values_list("debit_account_id", "credit_account_id", "amount_minor"))
        if pairs != swapped:
            report.say(f"entry {entry_id} is not what its reversal swaps")


def _check_holds(
    report: Report, accounts: dict[int, LedgerAccount], counted: dict[int, Movement]
) -> None:
    """Open holds make up the pending counters; a capture has its entry, and no more than held."""
    resolutions = {
        resolution.hold_id: resolution
        for resolution in HoldResolution.objects.select_related("entry")
    }
    for hold in Hold.objects.order_by("pk").iterator():
        report.holds += 1
        resolution = resolutions.pop(hold.pk, None)
        if resolution is not None:
            _check_resolution(report, hold, resolution)
            continue
        for account_id in (hold.debit_account_id, hold.credit_account_id):
            if account_id not in accounts:
                report.say(f"hold {hold.pk} names an account that does not exist")
        counted[hold.debit_account_id].debits_pending += hold.amount_minor
        counted[hold.credit_account_id].credits_pending += hold.amount_minor
    for hold_id in resolutions:
        report.say(f"hold {hold_id} has an end and does not exist")


def _check_resolution(report: Report, hold: Hold, resolution: HoldResolution) -> None:
    if resolution.captured_minor > hold.amount_minor:
        report.say(f"hold {hold.pk} was captured for more than was held")
    if resolution.outcome != HoldOutcome.CAPTURED:
        return
    wanted = [(hold.debit_account_id, hold.credit_account_id, resolution.captured_minor)]
    rows = resolution.entry.postings if resolution.entry is not None else None
    pairs = rows and list(rows.values_list("debit_account", "credit_account", "amount_minor"))
    if pairs != wanted:
        report.say(f"hold {hold.pk} was captured without the entry that books it")


def _check_counters(
    report: Report, accounts: dict[int, LedgerAccount], counted: dict[int, Movement]
) -> None:
    """Counters plus queue equal the journal; no floor and no cap is broken."""
    queued = dict(
        UnfoldedIncrease.objects.order_by()
        .values_list("account_id")
        .annotate(total=Sum("amount_minor"))
    )
    for account in accounts.values():
        wanted, waiting = counted[account.pk], queued.pop(account.pk, 0)
        is_debit_normal = account.is_debit_normal
        if account.is_hot:
            wanted = wanted.without_incoming_pending(is_debit_normal=is_debit_normal)
        elif waiting:
            report.say(f"account {account.code} is not hot and has unfolded increases")
        found = Movement(
            account.debits_posted + (waiting if is_debit_normal else 0),
            account.credits_posted + (0 if is_debit_normal else waiting),
            account.debits_pending,
            account.credits_pending,
        )
        if found != wanted:
            report.say(f"account {account.code} counts {found}, its journal says {wanted}")
        _check_bounds(report, account, wanted)
    for account_id in queued:
        report.say(f"unfolded increases of account {account_id}, which does not exist")


def _check_bounds(report: Report, account: LedgerAccount, wanted: Movement) -> None:
    balance = wanted.credits_posted - wanted.debits_posted
    going, coming = wanted.debits_pending, wanted.credits_pending
    if account.is_debit_normal:
        balance, going, coming = -balance, coming, going
    if balance - going < 0:
        report.say(f"account {account.code} is overdrawn")
    if account.balance_cap_minor is not None and balance + coming > account.balance_cap_minor:
        report.say(f"account {account.code} is above its cap")
    if account.closed_at is not None and (balance or going or coming):
        report.say(f"account {account.code} is closed and not empty")
