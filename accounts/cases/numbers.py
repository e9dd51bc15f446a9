"""The number of a case, as people read it out on the telephone: C-7K3M-94QX."""

from __future__ import annotations

import hashlib

from accounts.security.letters import (
    GROUP,
    parse_two_groups,
    plain,
    random_groups,
    two_groups,
)

_BEGINS = "C"
_GROUPS_OF_CODE = 5


def new_number() -> str:
    """Eight random letters and digits (36 bits); a name, never an authority."""
    return f"{_BEGINS}-{two_groups()}"


def parse_number(typed: str) -> str | None:
    """The number in its one way of writing; None for what cannot be one."""
    text = plain(typed)
    if len(text) == 2 * GROUP + 1:
        text = text.removeprefix(_BEGINS)
    found = parse_two_groups(text)
    return f"{_BEGINS}-{found}" if found else None


def new_reading_code() -> str:
    """Twenty random letters and digits (90 bits), as `7K3M-94QX-ACDE-FGHJ-3467`: whoever has it
    and the number of the case reads the case."""
    return random_groups(_GROUPS_OF_CODE)


def hash_of_reading_code(typed: str) -> str:
    """What is kept of it, 64 hex digits. Nobody tries 90 bits out: no slow hash is needed."""
    return hashlib.sha256(f"case reading|{plain(typed)}".encode()).hexdigest()
