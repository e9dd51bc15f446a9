"""Booking: the only door by which value moves."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import timezone

from ledger import errors
from ledger.engine import current_engine
from ledger.models import JournalEntry, JournalPosting
from ledger.values import Entry, EntryDraft, Posting, check_draft, check_text, draft_digest


def post_entry(*, key: str, event: str, postings: Sequence[Posting], note: str = "") -> Entry:
    """Book one business event, once.

    `postings` move whole minor units; all of them happen or none. The same `key` with the same
    input gives the first entry (`is_replay`); with other input it raises EntryConflict. Joins
    the caller's transaction when there is one, and a refusal leaves that transaction usable.

    Raises InsufficientFunds, BalanceCapExceeded, AccountClosed, AccountMissing, EntryConflict,
    BadPosting; then nothing was written.
    """
    return book(EntryDraft(key, event, tuple(postings), note))


def post_entries(drafts: Sequence[EntryDraft]) -> list[Entry]:
    """Book many events, all or none, in one transaction; the answers stand in the same order.

    Only the sum counts: an account may go through zero inside the batch if it ends above it.
    Raises what post_entry raises, for the whole batch.
    """
    if not drafts:
        return []
    for draft in drafts:
        check_draft(draft)
    digests = [draft_digest(draft) for draft in drafts]
    return current_engine().post_entries(drafts, digests, timezone.now())


def reverse_entry(*, entry_id: int, key: str, reason: str) -> Entry:
    """Undo an entry by a new one with debit and credit swapped, which names the old one.

    An entry is reversed once, and a reversal is never reversed: book the event again instead.
    Raises EntryMissing, AlreadyReversed, and what post_entry raises: money that has been
    spent since cannot be taken back (InsufficientFunds).
    """
    check_text(reason, name="reason", most=500)
    original = JournalEntry.objects.filter(pk=entry_id).first()
    if original is None:
        raise errors.EntryMissing(entry_id)
    if original.reverses_id is not None:
        raise errors.AlreadyReversed(entry_id)
    swapped = tuple(
        Posting(posting.credit_account_id, posting.debit_account_id, posting.amount_minor)
        for posting in JournalPosting.objects.filter(entry=original).order_by("pk")
    )
    return book(EntryDraft(key, "reversal", swapped, reason, reverses_id=entry_id))


def book(draft: EntryDraft) -> Entry:
    """Check a draft and hand it to the engine of this database."""
    check_draft(draft)
    return current_engine().post_entry(draft, draft_digest(draft), timezone.now())
