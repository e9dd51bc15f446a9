"""What whoever checks identities must be able to do. One class, named by `IDENTITY_CHECK`."""

from __future__ import annotations

from enum import StrEnum
from typing import Protocol


class CheckAnswer(StrEnum):
    """What came of a check."""

    MATCH = "match"
    # Name and number (or card) are not the same person's.
    MISMATCH = "mismatch"
    # They match, and yet: withdrawn papers, a person who may not have a wallet.
    REFUSED = "refused"
    # Nobody could look now; asking again is worth it.
    UNAVAILABLE = "unavailable"


class IdentityChecker(Protocol):
    """Called outside every transaction; answers within ten seconds, and UNAVAILABLE rather than
    with an error. Nothing of what it is given may be written to a log."""

    def check_person(self, *, name: str, id_number: str) -> CheckAnswer:
        """Whether this ID number was given to somebody with this name."""
        ...

    def check_card(self, *, name: str, id_number: str, card_number: str) -> CheckAnswer:
        """Whether this bank card is that person's."""
        ...
