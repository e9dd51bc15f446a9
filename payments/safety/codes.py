"""The text of a freeze code: 15 random letters (67 bits) and one that finds slips of the pen."""

from __future__ import annotations

import secrets

from accounts.security.keyed import keyed_hashes
from accounts.security.letters import ALPHABET, plain

_RANDOM = 15
_GROUP = 4


def new_code() -> str:
    """`7K3M-94QX-...`, four groups of four."""
    letters = "".join(secrets.choice(ALPHABET) for _place in range(_RANDOM))
    whole = letters + _check_letter(letters)
    return "-".join(whole[at : at + _GROUP] for at in range(0, len(whole), _GROUP))


def parse_code(typed: str) -> str | None:
    """The sixteen letters; None for what is no whole code. Spaces and small letters are fine."""
    text = plain(typed)
    is_whole = len(text) == _RANDOM + 1 and set(text) <= set(ALPHABET)
    return text if is_whole and _check_letter(text[:-1]) == text[-1] else None


def hashes_of(code: str) -> list[str]:
    """What the database keeps of it, under the newest key first: a printed code outlives one."""
    return keyed_hashes(purpose="freeze_code", text=plain(code))


def _check_letter(letters: str) -> str:
    """Weighted sum modulo 23, a prime: one wrong letter or two neighbours swapped are found."""
    weights = range(2, len(letters) + 2)
    total = sum(
        ALPHABET.index(letter) * weight for letter, weight in zip(letters, weights, strict=True)
    )
    return ALPHABET[total % len(ALPHABET)]
