"""The number of a case, as people read it out on the telephone: C-7K3M-94QX."""

from __future__ import annotations

import re
import secrets
import unicodedata

# No 0/O, 1/I/L, 2/Z, 5/S, 8/B, U/V: what is written down is read back as it was. The letters of
# payment references, too.
ALPHABET = "34679ACDEFGHJKMNPQRTWXY"
_GROUP = 4
_TYPED = re.compile(rf"C?([{ALPHABET}]{{4}})([{ALPHABET}]{{4}})")


def new_number() -> str:
    """Eight random letters and digits (36 bits); a name, never an authority."""
    first, second = (
        "".join(secrets.choice(ALPHABET) for _place in range(_GROUP)) for _group in range(2)
    )
    return f"C-{first}-{second}"


def parse_number(typed: str) -> str | None:
    """The number in its one way of writing; None for what cannot be one."""
    text = "".join(char for char in unicodedata.normalize("NFKC", typed).upper() if char.isalnum())
    match = _TYPED.fullmatch(text)
    return f"C-{match[1]}-{match[2]}" if match else None
