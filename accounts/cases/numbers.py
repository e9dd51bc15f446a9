"""The number of a case, as people read it out on the telephone: C-7K3M-94QX."""

from __future__ import annotations

from accounts.security.letters import GROUP, parse_two_groups, plain, two_groups

_BEGINS = "C"


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
