"""The nouns of the books, one per file."""

from ledger.models.account import LedgerAccount
from ledger.models.entry import JournalEntry
from ledger.models.hold import Hold, HoldResolution
from ledger.models.posting import JournalPosting
from ledger.models.seal import SealedBlock
from ledger.models.unfolded import UnfoldedIncrease
from ledger.models.verification_run import VerificationRun

__all__ = [
    "Hold",
    "HoldResolution",
    "JournalEntry",
    "JournalPosting",
    "LedgerAccount",
    "SealedBlock",
    "UnfoldedIncrease",
    "VerificationRun",
]
