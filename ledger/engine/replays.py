"""What both engines say about the ends of holds."""

from __future__ import annotations

from ledger import errors
from ledger.models import Hold, HoldResolution
from ledger.values import EntryDraft, Posting


def capture_draft(hold: Hold, resolution: HoldResolution) -> EntryDraft:
    """The entry that a capture books."""
    posting = Posting(hold.debit_account_id, hold.credit_account_id, resolution.captured_minor)
    return EntryDraft(resolution.key, "hold.captured", (posting,), note=hold.key)


def replayed_resolution(first: HoldResolution, asked: HoldResolution) -> HoldResolution:
    """The first end of a hold, if the same end was asked again. Raises HoldNotOpen, EntryConflict.

    Ends that name different keys are different requests: the hold has ended already.
    """
    if first.key != asked.key:
        raise errors.HoldNotOpen(first.hold_id, first.outcome)
    if (first.outcome, first.captured_minor) != (asked.outcome, asked.captured_minor):
        raise errors.EntryConflict(asked.key)
    first.is_replay = True
    return first
