"""The books on any database that Django knows, with nothing but the ORM.

Order of work, the same everywhere: lock the accounts in pk order; only then look whether the key
was used (a replay looked up before the lock could miss the entry it waits for); then change the
counters with conditional UPDATEs whose row count decides; then write the journal. SQLite ignores
row locks: there the settings begin every transaction IMMEDIATE, so the first statement already
holds the one write lock, and the conditions and CHECKs hold in any case.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from django.db import IntegrityError, transaction
from django.db.models import F, Q

from ledger import errors
from ledger.engine.movement import Movement, posted, reserved
from ledger.engine.replays import capture_draft, replayed_resolution
from ledger.models import (
    Hold,
    HoldResolution,
    JournalEntry,
    JournalPosting,
    LedgerAccount,
    UnfoldedIncrease,
)
from ledger.models.hold import HoldOutcome
from ledger.values import Entry, EntryDraft, draft_digest

_BATCH = 5_000


class PortableEngine:
    """Ledger writes through the ORM, on the database `using`."""

    def __init__(self, using: str) -> None:
        self._using = using

    def post_entry(self, draft: EntryDraft, digest: str, now: datetime) -> Entry:
        """Book one draft. Raises LedgerError; then nothing is written."""
        return self.post_entries([draft], [digest], now)[0]

    def post_entries(
        self, drafts: Sequence[EntryDraft], digests: Sequence[str], now: datetime
    ) -> list[Entry]:
        """Book drafts, all or none; a key that is known already gives its first entry."""
        try:
            with transaction.atomic(using=self._using):
                return self._book(drafts, digests, now)
        except IntegrityError as lost:
            # Two writers with one key and no account in common: the other one came first.
            with transaction.atomic(using=self._using):
                if not self._entries_by_key(drafts):
                    raise errors.BadPosting(f"the database refused the rows: {lost}") from lost
                return self._book(drafts, digests, now)

    def place_hold(self, hold: Hold) -> Hold:
        """Reserve. Raises LedgerError; then nothing is written."""
        with transaction.atomic(using=self._using):
            pair = (hold.debit_account_id, hold.credit_account_id)
            accounts = self._lock(pair)
            first = Hold.objects.using(self._using).filter(key=hold.key).first()
            if first is not None:
                if first.input_digest != hold.input_digest:
                    raise errors.EntryConflict(hold.key)
                first.is_replay = True
                return first
            _check_open(accounts, pair)
            _check_currency(accounts, *pair)
            self._apply(accounts, reserved(*pair, pending_minor=hold.amount_minor))
            hold.save(using=self._using, force_insert=True)
            return hold

    def resolve_hold(self, hold: Hold, resolution: HoldResolution) -> HoldResolution:
        """End a hold once. Raises HoldNotOpen when it has ended in another way."""
        with transaction.atomic(using=self._using):
            pair = (hold.debit_account_id, hold.credit_account_id)
            accounts = self._lock(pair)
            first = HoldResolution.objects.using(self._using).filter(hold=hold).first()
            if first is not None:
                return replayed_resolution(first, resolution)
            self._check_key_unused(resolution.key)
            if (
                resolution.outcome == HoldOutcome.CAPTURED
                and resolution.created_at >= hold.expires_at
            ):
                raise errors.HoldNotOpen(hold.pk, HoldOutcome.EXPIRED)
            ended = reserved(
                *pair, pending_minor=-hold.amount_minor, posted_minor=resolution.captured_minor
            )
            self._apply(accounts, ended)
            if resolution.outcome == HoldOutcome.CAPTURED:
                draft = capture_draft(hold, resolution)
                now = resolution.created_at
                resolution.entry_id = self._write([draft], [draft_digest(draft)], now)[0].id
            resolution.save(using=self._using, force_insert=True)
            return resolution

    def fold(self, account_id: int) -> int:
        """Add up what waits for a hot account, under its lock."""
        with transaction.atomic(using=self._using):
            return self._fold(self._lock([account_id])[account_id])

    def _book(
        self, drafts: Sequence[EntryDraft], digests: Sequence[str], now: datetime
    ) -> list[Entry]:
        """The body of post_entries, inside its transaction."""
        touched = {side for draft in drafts for pair in draft.postings for side in pair[:2]}
        accounts = self._lock(touched)
        known = self._entries_by_key(drafts)
        answers: dict[str, tuple[Entry, str]] = {
            key: (row.as_value(is_replay=True), row.input_digest) for key, row in known.items()
        }
        fresh: dict[str, tuple[EntryDraft, str]] = {}
        for draft, digest in zip(drafts, digests, strict=True):
            first = answers[draft.key][1] if draft.key in answers else None
            first = fresh[draft.key][1] if draft.key in fresh else first
            if first is not None and first != digest:
                raise errors.EntryConflict(draft.key)
            if first is None:
                self._check_draft(draft, accounts)
                fresh[draft.key] = (draft, digest)
        if fresh:
            new = [draft for draft, _ in fresh.values()]
            self._apply(accounts, posted(pair for draft in new for pair in draft.postings))
            written = self._write(new, [digest for _, digest in fresh.values()], now)
            answers.update({entry.key: (entry, "") for entry in written})
        return _in_order(drafts, {key: entry for key, (entry, _) in answers.items()})

    def _lock(self, account_ids: Iterable[int]) -> dict[int, LedgerAccount]:
        """The accounts, locked in pk order so that two writers never wait for each other."""
        wanted = sorted(set(account_ids))
        accounts = {
            account.pk: account
            for account in LedgerAccount.objects.using(self._using)
            .select_for_update()
            .filter(pk__in=wanted)
            .order_by("pk")
        }
        for account_id in wanted:
            if account_id not in accounts:
                raise errors.AccountMissing(account_id)
        return accounts

    def _entries_by_key(self, drafts: Sequence[EntryDraft]) -> dict[str, JournalEntry]:
        keys = [draft.key for draft in drafts]
        return {
            row.key: row
            for start in range(0, len(keys), _BATCH)
            for row in JournalEntry.objects.using(self._using).filter(
                key__in=keys[start : start + _BATCH]
            )
        }

    def _check_key_unused(self, key: str) -> None:
        """A resolution's key must be new among resolutions and among entries."""
        if (
            HoldResolution.objects.using(self._using).filter(key=key).exists()
            or JournalEntry.objects.using(self._using).filter(key=key).exists()
        ):
            raise errors.EntryConflict(key)

    def _check_draft(self, draft: EntryDraft, accounts: dict[int, LedgerAccount]) -> None:
        for debit, credit, _ in draft.postings:
            _check_open(accounts, (debit, credit))
            _check_currency(accounts, debit, credit)
        if draft.reverses_id is not None:
            rows = JournalEntry.objects.using(self._using)
            if rows.filter(reverses_id=draft.reverses_id).exists():
                raise errors.AlreadyReversed(draft.reverses_id)

    def _apply(self, accounts: dict[int, LedgerAccount], movements: dict[int, Movement]) -> None:
        """Change counters, in pk order; queue what only raises a hot account."""
        for account_id in sorted(movements):
            account, movement = accounts[account_id], movements[account_id]
            is_debit_normal = account.is_debit_normal
            if account.is_hot:
                movement = movement.without_incoming_pending(is_debit_normal=is_debit_normal)
                if not movement.spends(is_debit_normal=is_debit_normal):
                    increase = movement.increase(is_debit_normal=is_debit_normal)
                    if increase:
                        UnfoldedIncrease.objects.using(self._using).create(
                            account=account, amount_minor=increase
                        )
                    continue
                self._fold(account)
            self._update(account, movement)

    def _update(self, account: LedgerAccount, movement: Movement) -> None:
        """One conditional UPDATE; zero rows changed means no, and then we ask why."""
        has_room, is_within_cap = _conditions(account, movement)
        rows = LedgerAccount.objects.using(self._using).filter(pk=account.pk)
        changed = rows.filter(has_room & is_within_cap).update(
            debits_posted=F("debits_posted") + movement.debits_posted,
            credits_posted=F("credits_posted") + movement.credits_posted,
            debits_pending=F("debits_pending") + movement.debits_pending,
            credits_pending=F("credits_pending") + movement.credits_pending,
        )
        if changed:
            return
        if not rows.filter(has_room).exists():
            raise errors.InsufficientFunds(account.pk)
        raise errors.BalanceCapExceeded(account.pk)

    def _fold(self, account: LedgerAccount) -> int:
        """Move exactly the rows that were seen; one that arrives meanwhile waits its turn."""
        queue = UnfoldedIncrease.objects.using(self._using)
        seen = list(queue.filter(account=account).values_list("pk", "amount_minor"))
        if not seen:
            return 0
        for start in range(0, len(seen), _BATCH):
            queue.filter(pk__in=[pk for pk, _ in seen[start : start + _BATCH]]).delete()
        side = "debits_posted" if account.is_debit_normal else "credits_posted"
        LedgerAccount.objects.using(self._using).filter(pk=account.pk).update(
            **{side: F(side) + sum(amount for _, amount in seen)}
        )
        return len(seen)

    def _write(
        self, drafts: Sequence[EntryDraft], digests: Sequence[str], now: datetime
    ) -> list[Entry]:
        """Write entries and their postings."""
        rows = [
            JournalEntry(
                key=draft.key,
                input_digest=digest,
                event=draft.event,
                note=draft.note,
                reverses_id=draft.reverses_id,
                created_at=now,
            )
            for draft, digest in zip(drafts, digests, strict=True)
        ]
        JournalEntry.objects.using(self._using).bulk_create(rows, batch_size=_BATCH)
        JournalPosting.objects.using(self._using).bulk_create(
            [
                JournalPosting(
                    entry=row,
                    debit_account_id=debit,
                    credit_account_id=credit,
                    amount_minor=amount_minor,
                )
                for row, draft in zip(rows, drafts, strict=True)
                for debit, credit, amount_minor in draft.postings
            ],
            batch_size=_BATCH,
        )
        return [row.as_value() for row in rows]


def _conditions(account: LedgerAccount, movement: Movement) -> tuple[Q, Q]:
    """The two CHECKs of the table, as they would stand after `movement`."""
    credited = movement.credits_posted - movement.debits_posted
    if account.is_debit_normal:
        taken = F("credits_posted") + F("credits_pending")
        coming = F("debits_posted") + F("debits_pending") - F("credits_posted")
        room = Q(debits_posted__gte=taken + (credited + movement.credits_pending))
        added = movement.debits_pending - credited
    else:
        taken = F("debits_posted") + F("debits_pending")
        coming = F("credits_posted") + F("credits_pending") - F("debits_posted")
        room = Q(credits_posted__gte=taken + (movement.debits_pending - credited))
        added = movement.credits_pending + credited
    cap = Q(balance_cap_minor__isnull=True) | Q(balance_cap_minor__gte=coming + added)
    return room, cap


def _check_open(accounts: dict[int, LedgerAccount], account_ids: Iterable[int]) -> None:
    for account_id in account_ids:
        if accounts[account_id].closed_at is not None:
            raise errors.AccountClosed(account_id)


def _check_currency(accounts: dict[int, LedgerAccount], debit: int, credit: int) -> None:
    if accounts[debit].currency != accounts[credit].currency:
        raise errors.BadPosting("both accounts of a posting keep the same currency")


def _in_order(drafts: Sequence[EntryDraft], answers: dict[str, Entry]) -> list[Entry]:
    """One answer per draft; a key that stands twice in one batch is a replay the second time."""
    seen: set[str] = set()
    entries = []
    for draft in drafts:
        entry = answers[draft.key]
        if draft.key in seen and not entry.is_replay:
            entry = Entry(
                entry.id,
                entry.key,
                entry.event,
                entry.note,
                entry.created_at,
                entry.reverses_id,
                is_replay=True,
            )
        seen.add(draft.key)
        entries.append(entry)
    return entries
