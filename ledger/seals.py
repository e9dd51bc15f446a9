"""The seal of the journal: one running hash over every entry since the first.

    chain[0] = SHA-256("ledger")        chain[n] = SHA-256(chain[n-1] + content of entry n)

with entries in id order and the content being the JSON of everything the entry and its postings
say. Whoever changes, removes or slips in an old entry changes every later link.

The chain must not make writers queue, so no writer touches it: `seal_entries` (a beat task) walks
over what was committed since the last block and writes one `SealedBlock` with the link it reached.
The head, the last link, does not depend on where blocks end: a restored backup proves the same
head before and after its next sealing. Keep a head that was printed outside the database: it is
what shows that somebody cut off the end.

What may be sealed. Ids are drawn before the entry is committed, so a lower id can appear later. On
PostgreSQL the engines draw their ids only after their transaction has its own number, so when
every transaction that ran at a moment has ended (`pg_snapshot_xmin` has passed the `xmax` of that
moment), no id up to the highest one drawn then can appear any more. SQLite has one writer at a
time: what is visible is complete.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator
from datetime import UTC, datetime
from itertools import groupby
from typing import NamedTuple

from ledger.models import JournalEntry, JournalPosting
from ledger.values import Posting

START = hashlib.sha256(b"ledger").hexdigest()
# Below every id there can be: an entry slipped in under the first one is walked over too.
BEFORE_ALL = -(2**63)
_PAGE = 2_000


class JournalLink(NamedTuple):
    """One entry as the seal sees it, with all that verification needs."""

    entry: JournalEntry
    postings: list[Posting]
    content: bytes


def walk_journal(
    *, after_id: int = BEFORE_ALL, up_to_id: int | None = None
) -> Iterator[JournalLink]:
    """Every entry in id order with its postings, read page by page."""
    while True:
        rows = JournalEntry.objects.filter(pk__gt=after_id).order_by("pk")
        if up_to_id is not None:
            rows = rows.filter(pk__lte=up_to_id)
        page = list(rows[:_PAGE])
        if not page:
            return
        postings = (
            JournalPosting.objects.filter(entry_id__gte=page[0].pk, entry_id__lte=page[-1].pk)
            .order_by("entry_id", "pk")
            .values_list("entry_id", "pk", "debit_account_id", "credit_account_id", "amount_minor")
        )
        by_entry = {
            entry_id: list(group) for entry_id, group in groupby(postings, key=lambda row: row[0])
        }
        for entry in page:
            lines = by_entry.get(entry.pk, [])
            yield JournalLink(
                entry,
                [Posting(debit, credit, amount) for _, _, debit, credit, amount in lines],
                content_of(entry, [list(line[1:]) for line in lines]),
            )
        after_id = page[-1].pk


def content_of(entry: JournalEntry, lines: list[list[int]]) -> bytes:
    """All that an entry says, in one fixed spelling. `lines`: posting id, debit, credit, amount."""
    parts = [
        entry.pk,
        entry.key,
        entry.input_digest,
        entry.event,
        entry.note,
        entry.reverses_id,
        _instant(entry.created_at),
        lines,
    ]
    return json.dumps(parts, ensure_ascii=True, separators=(",", ":")).encode("ascii")


def next_link(chain: str, content: bytes) -> str:
    """The link after `chain` for an entry with this content."""
    return hashlib.sha256(chain.encode("ascii") + content).hexdigest()


def _instant(moment: datetime) -> str:
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%S.%f")
