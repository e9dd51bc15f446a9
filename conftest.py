"""What every test may ask for."""

from tests.cast import alice, bob, mallory, phones

__all__ = ["alice", "bob", "mallory", "phones"]
