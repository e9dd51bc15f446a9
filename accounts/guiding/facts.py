"""What a helper sees of a customer's money: states, never amounts. Money is not known here; who
knows it says so at start-up."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.utils.functional import Promise

from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Fact:
    """One line: what, with whom (masked), when, and where it stands."""

    title: str | Promise
    state: str | Promise = ""
    party: str = ""
    at: datetime | None = None


@dataclass(frozen=True, slots=True)
class Facts:
    """What is shown of the wallet itself, and of what was done lately."""

    wallet: Sequence[Fact] = ()
    activity: Sequence[Fact] = ()


Source = Callable[[User], Facts]
_SOURCES: list[Source] = []


def register_source(source: Source) -> None:
    """Add who knows something; it hides amounts and masks names itself."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def facts_about(user: User) -> Facts:
    """Of all sources together."""
    found = [source(user) for source in _SOURCES]
    return Facts(
        wallet=[fact for facts in found for fact in facts.wallet],
        activity=[fact for facts in found for fact in facts.activity],
    )
