"""The reference number of a request: on its error page, and on every log line it causes."""

from __future__ import annotations

import secrets

# Without letters and digits that are mistaken for one another.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"


def new_reference() -> str:
    """A number that a person can read out on the phone, such as E-7F3K2."""
    return "E-" + "".join(secrets.choice(_LETTERS) for _ in range(5))
