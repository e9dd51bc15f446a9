"""Running a transaction again: payments do it as people do."""

from __future__ import annotations

from accounts.security.retries import in_one_transaction

__all__ = ["in_one_transaction"]
