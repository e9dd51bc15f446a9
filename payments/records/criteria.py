"""What somebody wants to see of their records."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from enum import StrEnum


class Direction(StrEnum):
    """Which way money went, as the viewer sees it."""

    ANY = ""
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the viewer asked to see."""

    direction: Direction = Direction.ANY
    kind: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return self == Criteria()
