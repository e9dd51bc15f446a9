"""The books on PostgreSQL: one entry, one round trip.

Everything happens in the functions of `ledger/migrations/0003_postgresql_functions.sql`; here is
only the call and what its answer means. The functions return a status instead of raising, so a
refusal leaves the caller's transaction usable, and without a surrounding transaction the single
statement is its own: no BEGIN, no COMMIT, no second trip.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from django.db import connections

from ledger import errors
from ledger.engine.prepared import call_prepared, is_fast_way_open
from ledger.engine.replays import capture_draft, replayed_resolution
from ledger.models import Hold, HoldResolution, JournalEntry
from ledger.models.hold import HoldOutcome
from ledger.values import Entry, EntryDraft, Posting, draft_digest

_POST_ENTRY = (
    "SELECT * FROM ledger_post_entry(%s, %s, %s, %s, %s::bigint, %s::timestamptz,"
    " %s::bigint[], %s::bigint[], %s::bigint[])"
)
_POST_ENTRY_PREPARED = b"SELECT * FROM ledger_post_entry($1, $2, $3, $4, $5, $6, $7, $8, $9)"
_POST_ENTRIES = """
SELECT * FROM ledger_post_entries(
    ARRAY(SELECT json_array_elements_text(%s::json)), %s::text[],
    ARRAY(SELECT json_array_elements_text(%s::json)),
    ARRAY(SELECT json_array_elements_text(%s::json)), %s::bigint[], %s,
    %s::integer[], %s::bigint[], %s::bigint[], %s::bigint[])
"""
_PLACE_HOLD = "SELECT * FROM ledger_place_hold(%s, %s, %s, %s, %s, %s, %s)"
_RESOLVE_HOLD = "SELECT * FROM ledger_resolve_hold(%s, %s, %s, %s, %s, %s, %s, %s)"


class PostgreSQLEngine:
    """Ledger writes through server-side functions, on the database `using`."""

    def __init__(self, using: str) -> None:
        self._using = using

    def post_entry(self, draft: EntryDraft, digest: str, now: datetime) -> Entry:
        """Book one draft. Raises LedgerError; then nothing is written."""
        debited, credited, amounts = zip(*draft.postings, strict=True)
        status, account_id, entry_id = self._post(
            [
                draft.key,
                digest,
                draft.event,
                draft.note,
                None if draft.reverses_id is None else str(draft.reverses_id),
                now.isoformat(),
                _numbers(debited),
                _numbers(credited),
                _numbers(amounts),
            ]
        )
        if status == "posted":
            return Entry(entry_id, draft.key, draft.event, draft.note, now, draft.reverses_id)
        if status == "replay":
            first = JournalEntry.objects.using(self._using).get(pk=entry_id)
            return first.as_value(is_replay=True)
        raise _refusal(status, draft, account_id)

    def post_entries(
        self, drafts: Sequence[EntryDraft], digests: Sequence[str], now: datetime
    ) -> list[Entry]:
        """Book drafts, all or none, with one call whatever their number."""
        places: list[int] = []
        pairs: list[Posting] = []
        for place, draft in enumerate(drafts, start=1):
            pairs.extend(draft.postings)
            places.extend([place] * len(draft.postings))
        debited, credited, amounts = zip(*pairs, strict=True)
        status, account_id, wrong, entry_ids, booked_at, replays = self._call(
            _POST_ENTRIES,
            [
                json.dumps([draft.key for draft in drafts]),
                "{" + ",".join(digests) + "}",
                json.dumps([draft.event for draft in drafts]),
                json.dumps([draft.note for draft in drafts]),
                _numbers([draft.reverses_id for draft in drafts]),
                now,
                _numbers(places),
                _numbers(debited),
                _numbers(credited),
                _numbers(amounts),
            ],
        )
        if status not in ("posted", "mixed"):
            raise _refusal(status, drafts[wrong - 1 if wrong else 0], account_id)
        seen: set[int] = set()
        entries = []
        for place, (draft, entry_id) in enumerate(zip(drafts, entry_ids, strict=True)):
            entries.append(
                Entry(
                    entry_id,
                    draft.key,
                    draft.event,
                    draft.note,
                    booked_at[place] if booked_at else now,
                    draft.reverses_id,
                    # A key that stands twice in one batch is a replay the second time.
                    is_replay=entry_id in seen or bool(replays and replays[place]),
                )
            )
            seen.add(entry_id)
        return entries

    def place_hold(self, hold: Hold) -> Hold:
        """Reserve. Raises LedgerError; then nothing is written."""
        status, account_id, hold_id, placed_at = self._call(
            _PLACE_HOLD,
            [
                hold.key,
                hold.input_digest,
                hold.debit_account_id,
                hold.credit_account_id,
                hold.amount_minor,
                hold.expires_at,
                hold.created_at,
            ],
        )
        if status not in ("placed", "replay"):
            raise _refusal(status, hold, account_id)
        hold.pk, hold.created_at, hold.is_replay = hold_id, placed_at, status == "replay"
        hold._state.adding, hold._state.db = False, self._using
        return hold

    def resolve_hold(self, hold: Hold, resolution: HoldResolution) -> HoldResolution:
        """End a hold once. Raises HoldNotOpen when it has ended in another way."""
        draft = capture_draft(hold, resolution)
        status, account_id, resolution_id, entry_id = self._call(
            _RESOLVE_HOLD,
            [
                hold.pk,
                resolution.outcome,
                resolution.captured_minor,
                resolution.key,
                draft_digest(draft),
                draft.event,
                draft.note,
                resolution.created_at,
            ],
        )
        if status == "ended":
            first = HoldResolution.objects.using(self._using).get(hold=hold)
            return replayed_resolution(first, resolution)
        if status == "late":
            raise errors.HoldNotOpen(hold.pk, HoldOutcome.EXPIRED)
        if status != "resolved":
            raise _refusal(status, draft, account_id)
        resolution.pk, resolution.entry_id = resolution_id, entry_id
        resolution._state.adding, resolution._state.db = False, self._using
        return resolution

    def fold(self, account_id: int) -> int:
        """Add up what waits for a hot account, under its lock."""
        folded: int = self._call("SELECT ledger_fold(%s)", [account_id])[0]
        return folded

    def _post(self, values: list[str | None]) -> tuple[str, int, int]:
        """Status, account, entry (0: none) of one ledger_post_entry, in one round trip."""
        connection = connections[self._using]
        if is_fast_way_open(connection):
            sent = [None if value is None else value.encode() for value in values]
            row = call_prepared(connection, b"ledger_post_entry", _POST_ENTRY_PREPARED, sent)
            return (row[0] or b"").decode(), int(row[1] or 0), int(row[2] or 0)
        status, account_id, entry_id = self._call(_POST_ENTRY, values)
        return status, account_id or 0, entry_id or 0

    def _call(self, statement: str, params: Sequence[Any]) -> tuple[Any, ...]:
        with connections[self._using].cursor() as cursor:
            cursor.execute(statement, params)
            row: tuple[Any, ...] = cursor.fetchone()
            return row


def _numbers(values: Sequence[int | None]) -> str:
    """An array literal: building it here is far cheaper than adapting a long list."""
    return "{" + ",".join(["NULL" if value is None else str(value) for value in values]) + "}"


def _refusal(status: str, asked: EntryDraft | Hold, account_id: int | None) -> errors.LedgerError:
    """The error that a status stands for."""
    at = account_id or 0
    match status:
        case "insufficient":
            return errors.InsufficientFunds(at)
        case "cap":
            return errors.BalanceCapExceeded(at)
        case "closed":
            return errors.AccountClosed(at)
        case "missing":
            return errors.AccountMissing(at)
        case "currency":
            return errors.BadPosting("both accounts of a posting keep the same currency")
        case "conflict":
            return errors.EntryConflict(asked.key)
        case "reversed" if isinstance(asked, EntryDraft):
            return errors.AlreadyReversed(asked.reverses_id or 0)
    raise AssertionError(f"unknown status {status!r}")
