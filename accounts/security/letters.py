"""Letters and digits that are read back as they were written down."""

from __future__ import annotations

import re
import secrets
import unicodedata

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V. The letters of payment references, too.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
GROUP = 4
_TWO_GROUPS = re.compile(rf"([{ALPHABET}]{{{GROUP}}})([{ALPHABET}]{{{GROUP}}})")


def two_groups() -> str:
    """Eight random ones, `7K3M-94QX` (36 bits); a name, never an authority."""
    return random_groups(2)


def random_groups(count: int) -> str:
    """So many groups of four random ones (18 bits each), for people to write down."""
    return "-".join(
        "".join(secrets.choice(ALPHABET) for _place in range(GROUP)) for _group in range(count)
    )


def parse_two_groups(typed: str) -> str | None:
    """The same in its one way of writing; None for what cannot be one."""
    match = _TWO_GROUPS.fullmatch(plain(typed))
    return f"{match[1]}-{match[2]}" if match else None


def plain(typed: str) -> str:
    """What was typed without spaces and signs, in capitals; full-width forms are forgiven."""
    text = unicodedata.normalize("NFKC", typed).upper()
    return "".join(char for char in text if char.isalnum())
