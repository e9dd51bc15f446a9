"""What every test may ask for."""

from ledger.tests.flush import append_only_tables_can_be_flushed
from tests.cast import alice, bob, mallory, phones

__all__ = ["alice", "append_only_tables_can_be_flushed", "bob", "mallory", "phones"]
