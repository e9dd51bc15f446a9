"""Questions that only the owner of a wallet can answer, made from real records.

Rooms that have records register a source; `payments` does. The agent reads a question and its
choices and ticks what the caller says: which one is right is not on the page.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from django.utils.functional import Promise

from accounts.users.models import User


@dataclass(frozen=True, slots=True)
class Question:
    """What is asked, the right answer, and answers that could as well be right."""

    key: str
    text: str | Promise
    right: str
    wrong: Sequence[str]


Source = Callable[[User], Sequence[Question]]
_SOURCES: list[Source] = []


def register_source(source: Source) -> None:
    """Add where questions come from."""
    if source not in _SOURCES:
        _SOURCES.append(source)


def draw_question(user: User, *, without: Sequence[str]) -> tuple[Question, list[str]] | None:
    """A question that was not asked yet, and its choices in no order; None when there is none."""
    open_ones = [
        question for source in _SOURCES for question in source(user) if question.key not in without
    ]
    if not open_ones:
        return None
    question = secrets.choice(open_ones)
    choices = [question.right, *question.wrong]
    secrets.SystemRandom().shuffle(choices)
    return question, choices
