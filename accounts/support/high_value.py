"""Whose wallet is of high value: ending its locks takes a second person. Money is not known here;
who knows it says so at start-up.

Source: OWASP ASVS 5.0 V2.3.5 (high-value acts need a second person).
"""

from __future__ import annotations

from collections.abc import Callable

from accounts.users.models import User

Rule = Callable[[User], bool]
_RULES: list[Rule] = []


def register_rule(rule: Rule) -> None:
    """`rule(user)` says whether this person has much to lose."""
    if rule not in _RULES:
        _RULES.append(rule)


def is_high_value(user: User) -> bool:
    """Whether any rule says so. How much it is, nobody at the desk is told."""
    return any(rule(user) for rule in _RULES)
