"""Everything that changes the books. `post_entry` is the only door by which value moves."""

from ledger.services.accounts import close_account, open_account, set_balance_cap
from ledger.services.entries import post_entries, post_entry, reverse_entry
from ledger.services.folding import fold_pending_credits
from ledger.services.holds import capture_hold, expire_holds, place_hold, void_hold
from ledger.services.sealing import seal_entries
from ledger.services.verifying import note_verification
from ledger.values import AccountHotness, AccountKind, Balance, Entry, EntryDraft, Posting
from ledger.verification import Report, verify_ledger

__all__ = [
    "AccountHotness",
    "AccountKind",
    "Balance",
    "Entry",
    "EntryDraft",
    "Posting",
    "Report",
    "capture_hold",
    "close_account",
    "expire_holds",
    "fold_pending_credits",
    "note_verification",
    "open_account",
    "place_hold",
    "post_entries",
    "post_entry",
    "reverse_entry",
    "seal_entries",
    "set_balance_cap",
    "verify_ledger",
    "void_hold",
]
