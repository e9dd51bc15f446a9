"""Asking for codes in tests."""

from __future__ import annotations

from typing import Any

from accounts.phone.models import Challenge
from accounts.phone.services import request_code, verify_code
from accounts.phone.states import Asker

PHONE = "+8613800136027"


def ask(**changes: Any) -> Challenge:
    """A code for a card, from one session and address, unless told otherwise."""
    facts = {
        "purpose": "card_link",
        "phone": PHONE,
        "session_key": "session-a",
        "address": "203.0.113.7",
        "asker": Asker.STRANGER,
    }
    return request_code(**{**facts, **changes})


def answer(challenge: Challenge, code: str, session_key: str = "session-a") -> Challenge:
    """Type a code into its page."""
    return verify_code(challenge_id=challenge.public_id, code=code, session_key=session_key)


def other_than(code: str) -> str:
    """Some other six digits."""
    return f"{(int(code or 0) + 1) % 1_000_000:06d}"
