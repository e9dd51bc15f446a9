"""Banks for tests: each says what it is told to say, or breaks in a way of its own."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from payments.banking.rails.base import Answer, Instruction, Outcome


class ToldRail:
    """A bank that answers from a list, then goes on with its last answer."""

    runs_here = True
    says: list[Any] = []
    submitted: list[str] = []
    polled: list[str] = []

    @classmethod
    def begin(cls, *says: Any) -> None:
        """Say these, in this order."""
        cls.says = list(says)
        cls.submitted = []
        cls.polled = []

    def submit(self, instruction: Instruction) -> Answer:
        """Take an order in."""
        self.submitted.append(instruction.reference)
        return self._next()

    def poll(self, reference: str) -> Answer:
        """What became of it."""
        self.polled.append(reference)
        return self._next()

    def _next(self) -> Any:
        said = self.says.pop(0) if len(self.says) > 1 else self.says[0]
        if isinstance(said, BaseException):
            raise said
        if isinstance(said, Callable):  # type: ignore[arg-type]
            return said()
        return said


class AwayRail(ToldRail):
    """The same, somewhere behind a network: called within a deadline."""

    runs_here = False


TOLD = "payments.banking.tests.banks.ToldRail"
AWAY = "payments.banking.tests.banks.AwayRail"

PENDING = Answer(Outcome.PENDING)
SETTLED = Answer(Outcome.SETTLED, "B1")
REFUSED = Answer(Outcome.REFUSED, "B2", "AC04")
RETURNED = Answer(Outcome.RETURNED, "B3", "AC04")
NOT_FOUND = Answer(Outcome.NOT_FOUND)
