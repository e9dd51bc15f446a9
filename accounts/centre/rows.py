"""Rows of the security centre that other rooms fill: `payments` does so when Django starts."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise

from accounts.users.models import User

Text = str | Promise


class Where(StrEnum):
    """The part of the page."""

    NOW = "now"  # worth doing now
    WAYS = "ways"  # signing in and paying
    FROZEN = "frozen"  # said first: no money leaves


@dataclass(frozen=True, slots=True)
class Row:
    """A line that leads somewhere: `tag` is a word at its end, `tone` "ok", "warn" or ""."""

    icon: str
    title: Text
    url: str
    sub: Text = ""
    tag: Text = ""
    tone: str = ""


Source = Callable[[User], Sequence[Row]]
_SOURCES: dict[Where, list[Source]] = {where: [] for where in Where}


def register_rows(where: Where, source: Source) -> None:
    """Add lines to a part of the page, after those that are there."""
    if source not in _SOURCES[where]:
        _SOURCES[where].append(source)


def rows_of(where: Where, user: User) -> list[Row]:
    """What other rooms have to say to this person."""
    return [row for source in _SOURCES[where] for row in source(user)]
