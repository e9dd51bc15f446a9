"""How sure an agent may be of a caller: points for what the caller has shown in this visit.

Source: OWASP ASVS 5.0 V6.4.4 (help with authentication proves identity as enrolment does).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings


@dataclass(frozen=True)
class CheckState:
    """How far the check of the caller is."""

    needs_id: bool
    is_id_matched: bool
    id_tries_left: int
    is_code_asked: bool
    is_code_matched: bool
    answers_right: int = 0
    answers_wrong: int = 0
    question: str = ""
    choices: tuple[str, ...] = ()
    may_ask: bool = False
    is_at_counter: bool = False
    is_document_seen: bool = False
    is_shown_matched: bool = False

    @property
    def has_code(self) -> bool:
        """Whether the caller holds the phone or a signed-in browser: often the same device, so
        both together show no more than one."""
        return self.is_code_matched or self.is_shown_matched

    @property
    def points(self) -> int:
        """What was shown, less what was wrong; never below zero."""
        worth = settings.SUPPORT["points"]
        shown = (
            worth["code"] * self.has_code
            + worth["id"] * self.is_id_matched
            + worth["answer"] * self.answers_right
            + worth["document"] * self.is_document_seen
        )
        # A question that stands unanswered is no way out of a wrong answer.
        wrong = self.answers_wrong + bool(self.question)
        return max(0, shown - worth["answer"] * wrong)

    @property
    def needed_to_unlock(self) -> int:
        """Points for ending a lock. Who has no ID on record can show less."""
        name = "unlock" if self.needs_id else "unlock_without_id"
        needed: int = settings.SUPPORT["needed"][name]
        return needed

    @property
    def needed_to_hand_over(self) -> int:
        """Points for what gives somebody the account: taking a factor away, another phone."""
        needed: int = settings.SUPPORT["needed"]["hand_over"]
        return needed

    @property
    def is_passed(self) -> bool:
        """Whether locks may be ended."""
        return self.points >= self.needed_to_unlock

    @property
    def may_hand_over(self) -> bool:
        """Whether taking a factor away or another phone may be proposed."""
        return self.points >= self.needed_to_hand_over

    @property
    def next_step(self) -> str:
        """What to ask for now: "question" that is open, "code", "id", "more", or "" when enough
        was shown to end locks."""
        if self.question:
            return "question"
        if self.is_passed:
            return ""
        if not self.has_code and not self.is_document_seen:
            return "code"
        if self.needs_id and not self.is_id_matched and self.id_tries_left:
            return "id"
        return "more"
