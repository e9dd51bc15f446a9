"""Up to where the rows of a table are complete.

Ids are drawn before a row is committed, so a lower id can appear after a higher one. On PostgreSQL
a stretch of ids is therefore complete only when every transaction has ended that ran when its end
was noted (the ledger's seals rest on the same, see `ledger/seals.py`). SQLite has one writer at a
time. No clock has a say in it.
"""

from __future__ import annotations

from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Max, Model


class Horizon(NamedTuple):
    """The highest id there is, the number of the next transaction, and that of the oldest one
    still open; `oldest` is None where writers come one after the other."""

    highest_id: int
    moment: int
    oldest: int | None


def look_at(model: type[Model]) -> Horizon:
    """Where a table ends now."""
    rows: Any = model._default_manager
    # In this order: whoever drew an id up to the highest had its number before the moment.
    highest_id = rows.aggregate(highest=Max("pk"))["highest"] or 0
    if connection.vendor != "postgresql":
        return Horizon(highest_id, 0, None)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_snapshot_xmax(pg_current_snapshot())::text::bigint,"
            " pg_snapshot_xmin(pg_current_snapshot())::text::bigint"
        )
        moment, oldest = cursor.fetchone()
    return Horizon(highest_id, moment, oldest)
