"""The second factor at a reset. This room knows none: whoever does, registers it at start-up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from accounts.users.models import User


@dataclass(frozen=True)
class SecondFactor:
    """is_on: whether this person has it. check: raises a Refusal unless the code is right, in its
    own committed transactions; called outside any other."""

    is_on: Callable[[User], bool]
    check: Callable[[User, str, str], None]


_FACTORS: list[SecondFactor] = []


def register_second_factor(factor: SecondFactor) -> None:
    """Ask for this factor, too, when a payment password is reset; twice is fine."""
    if factor not in _FACTORS:
        _FACTORS.append(factor)


def needs_second_factor(user: User) -> bool:
    """Whether a reset asks this person for more than password, ID digits and phone."""
    return any(factor.is_on(user) for factor in _FACTORS)


def check_second_factor(*, user: User, code: str, address: str) -> None:
    """Raise the Refusal of the factor that is on unless the code is right."""
    for factor in _FACTORS:
        if factor.is_on(user):
            factor.check(user, code, address)
