"""How sure an agent may be of a caller: points for what the caller has shown in this visit.

What one find hands over together counts as one proof: the telephone and the browser on it, the
document and the digits printed on it, and answers that stand in a browser found open.

Source: OWASP ASVS 5.0 V6.4.4 (help with authentication proves identity as enrolment does).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.conf import settings
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _


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
    def has_document(self) -> bool:
        """Whether a document was seen whose digits are those on record: any other proves who
        somebody is, and nothing about this wallet."""
        return self.needs_id and self.is_document_seen and self.is_id_matched

    @property
    def has_other_than_browser(self) -> bool:
        """Whether the caller has shown something that a signed-in browser does not show: there the
        answers to the questions stand, too."""
        return self.is_code_matched or self.is_id_matched

    @property
    def answers_counted(self) -> int:
        """Right answers that count."""
        return self.answers_right if self.has_other_than_browser else 0

    @property
    def points(self) -> int:
        """What was shown, less what was wrong; never below zero."""
        return max(0, sum(points for _what, points in self.lines))

    @property
    def lines(self) -> list[tuple[str | Promise, int]]:
        """How the points add up, in words: what counted and what was taken off."""
        worth = settings.SUPPORT["points"]
        found: list[tuple[str | Promise, int]] = []
        if self.has_code:
            found.append((_("A code: holds the phone or is signed in"), worth["code"]))
        if self.has_document:
            # The digits are printed on the document: both together are one proof.
            found.append((_("The ID document, with the digits on record"), worth["document"]))
        elif self.is_id_matched:
            found.append((_("The digits of the ID number"), worth["id"]))
        if self.answers_counted:
            found.append((_("Right answers"), worth["answer"] * self.answers_counted))
        # A question that stands unanswered is no way out of a wrong answer.
        if wrong := self.answers_wrong + bool(self.question):
            found.append((_("Wrong or open answers"), -worth["answer"] * wrong))
        return found

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
    def has_least(self) -> bool:
        """Whether what no points make up for was shown: the ID digits where an ID is on record,
        else a code from a text message to the phone, which is all we know of such a customer."""
        return self.is_id_matched if self.needs_id else self.is_code_matched

    @property
    def is_passed(self) -> bool:
        """Whether locks may be ended."""
        return self.has_least and self.points >= self.needed_to_unlock

    @property
    def may_hand_over(self) -> bool:
        """Whether taking a factor away or another phone may be proposed."""
        return self.has_least and self.points >= self.needed_to_hand_over

    @property
    def next_step(self) -> str:
        """What to ask for now: "question" that is open, "code", "message" (a code by text message),
        "id", "more", "stop" when nothing more can be shown in this visit, or "" when enough was
        shown to end locks."""
        if self.question:
            return "question"
        if self.is_passed:
            return ""
        if not self.has_code and not self.is_document_seen:
            return "code"
        if not self.needs_id and not self.is_code_matched:
            return "message"
        if self.needs_id and not self.is_id_matched:
            return "id" if self.id_tries_left else "stop"
        return "more"
