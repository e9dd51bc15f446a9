"""A bank rail that is not for trying out, for tests of production settings."""

from __future__ import annotations

from payments.banking.rails.base import Answer, Instruction, NoAnswerError


class NoBank:
    """Never answers: what is sent there stays on its way."""

    def submit(self, instruction: Instruction) -> Answer:
        """No answer."""
        raise NoAnswerError

    def poll(self, reference: str) -> Answer:
        """No answer."""
        raise NoAnswerError
