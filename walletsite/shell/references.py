"""The reference number of a request: on its error page, and on every log line it causes."""

from __future__ import annotations

import logging
import secrets
from contextvars import ContextVar

# Without letters and digits that are mistaken for one another.
_LETTERS = "23456789ABCDEFGHJKMNPQRSTUVWXYZ"

current_reference: ContextVar[str] = ContextVar("current_reference", default="-")


def new_reference() -> str:
    """A number that a person can read out on the phone, such as E-7F3K2."""
    return "E-" + "".join(secrets.choice(_LETTERS) for _ in range(5))


class ReferenceFilter(logging.Filter):
    """Gives each log record the `reference` of the request it belongs to, or "-"."""

    def filter(self, record: logging.LogRecord) -> bool:
        """Never drops a record."""
        record.reference = current_reference.get()
        return True
