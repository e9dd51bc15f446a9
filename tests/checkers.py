"""An identity check that is not for trying out, for tests of production settings."""

from __future__ import annotations

from accounts.identity.checks.base import CheckAnswer


class KnowsEverybody:
    """Whoever is asked about is who they say."""

    def check_person(self, *, name: str, id_number: str) -> CheckAnswer:
        """Yes."""
        return CheckAnswer.MATCH

    def check_card(self, *, name: str, id_number: str, card_number: str) -> CheckAnswer:
        """Yes."""
        return CheckAnswer.MATCH
