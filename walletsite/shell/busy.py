"""The database was held by somebody else for too long: a page to try again, not a bug of ours.

SQLite has one writer at a time and gives up after its `timeout` ("database is locked"); PostgreSQL
gives up after `lock_timeout`, ends one of two that wait for each other, or cannot serialise them.
Nothing of the transaction that gave up was kept.
"""

from __future__ import annotations

from django.db import OperationalError

# SQLITE_BUSY and SQLITE_LOCKED; the upper bits say more than is needed.
_SQLITE = frozenset({5, 6})
# lock_not_available, deadlock_detected, serialization_failure.
_POSTGRESQL = frozenset({"55P03", "40P01", "40001"})


def is_busy(error: BaseException | None) -> bool:
    """Whether this, or what it was raised from, says that a lock could not be had in time."""
    while error is not None:
        if isinstance(error, OperationalError) and _says_locked(error.__cause__):
            return True
        error = error.__cause__
    return False


def _says_locked(cause: BaseException | None) -> bool:
    if getattr(cause, "sqlstate", None) in _POSTGRESQL:
        return True
    code = getattr(cause, "sqlite_errorcode", None)
    return code is not None and code & 0xFF in _SQLITE
