"""The short name of a payment that a person can read out on the telephone."""

from __future__ import annotations

import secrets

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: what is written down is read back as it was.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
LENGTH = 12


def new_reference() -> str:
    """Twelve random letters and digits (54 bits); a name, never an authority."""
    return "".join(secrets.choice(ALPHABET) for _ in range(LENGTH))


def spaced(reference: str) -> str:
    """In groups of four, as on receipts."""
    return " ".join(reference[at : at + 4] for at in range(0, len(reference), 4))
