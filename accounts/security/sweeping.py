"""Going through what is due: everything, earliest first, as long as one sweep may last."""

from __future__ import annotations

import logging
import time
from collections.abc import Callable, Iterable, Iterator
from typing import Any

from django.db.models import Q, QuerySet

logger = logging.getLogger(__name__)

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


def do_each(due: Iterable[int], do: Callable[[int], int], *, what: str) -> int:
    """Do every one of them, each in a transaction of its own; the sum of what `do` answers.

    One that cannot be dealt with stops none behind it: it is written to the log as `what` and its
    id, and comes again with the next sweep.
    """
    done = 0
    for row_id in due:
        try:
            done += do(row_id)
        except Exception:
            logger.exception("%s %s could not be dealt with", what, row_id)
    return done
