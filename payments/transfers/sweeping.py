"""Going through what is due: everything, earliest first, as long as one sweep may last."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

from django.db.models import Q, QuerySet

_BATCH = 200
# Shorter than the limit of a task; the next sweep goes on.
_MOST_SECONDS = 25.0


def each_due(rows: QuerySet[Any], *, by: str) -> Iterator[int]:
    """The ids of `rows` by the moment in the field `by`, looked up in batches.

    Steps over a row that stays as it is, so that one which cannot be dealt with stops none behind.
    """
    ends = time.monotonic() + _MOST_SECONDS
    ordered = rows.order_by(by, "pk")
    after = Q()
    while True:
        batch = list(ordered.filter(after).values_list(by, "pk")[:_BATCH])
        for _moment, row_id in batch:
            yield row_id
            if time.monotonic() > ends:
                return
        if len(batch) < _BATCH:
            return
        moment, row_id = batch[-1]
        after = Q(**{f"{by}__gt": moment}) | Q(**{by: moment}, pk__gt=row_id)
