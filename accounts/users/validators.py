"""What a login password must not look like."""

from __future__ import annotations

from difflib import SequenceMatcher
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _

_SHORTEST_FACT = 2
_SHORTEST_TAIL = 6
_TOO_ALIKE = 0.7


class NotPersonalValidator:
    """Refuses a password like the phone number, the name or the ID number.

    The phone is the user's own; name and ID number live encrypted in another room, so whoever
    checks a password puts them on the user first, as a list of texts `personal_facts`.
    """

    def validate(self, password: str, user: Any = None) -> None:
        """Raise `ValidationError` when the password holds or resembles a personal fact."""
        if user is None:
            return
        phone = str(getattr(user, "phone", "") or "")
        facts = [phone, phone[-11:], *getattr(user, "personal_facts", ())]
        if any(_is_like(password, fact) for fact in facts if len(fact) >= _SHORTEST_FACT):
            raise ValidationError(
                _("This is too much like your phone number, name or ID number."),
                code="password_personal",
            )

    def get_help_text(self) -> str:
        """The rule in one sentence."""
        return _("Not like your phone number, name or ID number.")


def _is_like(password: str, fact: str) -> bool:
    plain, known = password.casefold(), fact.casefold()
    bare = plain.replace(" ", "")
    if known.replace(" ", "") in bare:
        return len(known) >= 4 or len(bare) - len(known) < 8
    if known[-18:].isascii() and known[-6:-1].isdigit() and known[-_SHORTEST_TAIL:] in bare:
        return len(bare) - _SHORTEST_TAIL < 4
    return SequenceMatcher(a=bare, b=known).ratio() >= _TOO_ALIKE
