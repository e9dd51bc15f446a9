"""A check that looks nobody up: for trying out. It says so, and certain numbers make it refuse.

| Digits 15 to 17 of the ID number; the four before the last of a card | Answer |
|---|---|
| 001; 9001 | does not match |
| 002; 9002 | refused |
| 003; 9003 | cannot be checked now |

Everything else matches. docs/how-to/identity-checks.md.
"""

from __future__ import annotations

from accounts.identity.checks.base import CheckAnswer

_ANSWERS = {
    "1": CheckAnswer.MISMATCH,
    "2": CheckAnswer.REFUSED,
    "3": CheckAnswer.UNAVAILABLE,
}


class DemoChecker:
    """Answers by the table above."""

    # A real installation refuses to start with it.
    is_for_trial = True

    def check_person(self, *, name: str, id_number: str) -> CheckAnswer:
        """By the serial number in the ID number."""
        return _by(id_number[14:17], "00")

    def check_card(self, *, name: str, id_number: str, card_number: str) -> CheckAnswer:
        """By the digits before the card's check digit."""
        return _by(card_number[-5:-1], "900")


def _by(digits: str, prefix: str) -> CheckAnswer:
    if not digits.startswith(prefix):
        return CheckAnswer.MATCH
    return _ANSWERS.get(digits.removeprefix(prefix), CheckAnswer.MATCH)
