"""Whose payment a reference names. Money is not known here; who knows it says so at start-up."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable

from accounts.users.models import User

IsOwn = Callable[[User, str], bool]
_checks: list[IsOwn] = []


def register_payments(is_own: IsOwn) -> None:
    """`is_own(user, reference)` says whether a payment with this reference is this person's."""
    if is_own not in _checks:
        _checks.append(is_own)


def is_own_payment(user: User, reference: str) -> bool:
    """Whether any room of payments knows it as this person's."""
    return any(is_own(user, reference) for is_own in _checks)


def plain_reference(typed: str) -> str:
    """As it is stored: "abcd efgh jkmn" is ABCDEFGHJKMN."""
    return "".join(char for char in unicodedata.normalize("NFKC", typed).upper() if char.isalnum())
