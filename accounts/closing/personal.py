"""Every column that says who somebody is or what they wrote, and when it ends.

Rooms register their columns when Django starts; a test walks all models and fails on a text column
that nobody has decided about. What stays until the end of the retention, and what nothing else
sweeps away, is emptied out of this table, so that writing a column down is what makes it end.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

from dateutil.relativedelta import relativedelta
from django.apps import apps
from django.conf import settings
from django.db.models import JSONField, Q, QuerySet
from django.utils import timezone

_BATCH = 500
# So much one sweep does in one column; the next one goes on.
_MOST = 20_000


class Ends(StrEnum):
    """When a column is empty at the latest."""

    CLOSING = "closing"  # when the wallet closes: `let_go`, and payments/closing
    RETENTION = "retention"  # when the law no longer asks for the person: `forget_person`
    TIME = "time"  # so long after it was written: `forget_late`
    SWEEP = "sweep"  # by a sweep of its own room
    STAYS = "stays"  # never, and why


@dataclass(frozen=True)
class Personal:
    """One table's columns that end alike.

    `of` are look-ups from the row to the person. `since` is the moment from which a TIME counts,
    `days` how long, None for as long as the law asks; `only` narrows it to rows that are over.
    `is_deleted`: the row goes, not only the columns. `how` names the sweep, or says why it stays.
    """

    model: str
    columns: tuple[str, ...]
    ends: Ends
    of: tuple[str, ...] = ()
    since: str = ""
    days: int | None = None
    only: Q = field(default_factory=Q)
    is_deleted: bool = False
    how: str = ""


_table: list[Personal] = []


def register_personal(*rows: Personal) -> None:
    """Write columns down; once, when an app starts."""
    _table.extend(rows)


def list_personal() -> list[Personal]:
    """The whole table."""
    return list(_table)


def rows_of(row: Personal, person_id: int) -> QuerySet[Any]:
    """The rows of one person in a table; none where no look-up leads to a person."""
    mine = Q()
    for lookup in row.of:
        mine |= Q(**{lookup: person_id})
    model = apps.get_model(row.model)
    return model._base_manager.filter(mine) if row.of else model._base_manager.none()


def is_filled(row: Personal) -> Q:
    """Rows in which one of the columns holds something."""
    filled = Q()
    for column, empty in empty_values(row).items():
        filled |= ~Q(**{column: empty})
    return filled


def empty_values(row: Personal) -> dict[str, Any]:
    """What a column holds that holds nothing."""
    fields = apps.get_model(row.model)._meta
    return {
        name: column.get_default() if isinstance(column, JSONField) else ""
        for name in row.columns
        for column in (fields.get_field(name),)
    }


def forget_person(person_id: int) -> None:
    """Empty what was kept of a person for as long as the law asks; in the caller's transaction."""
    for row in _table:
        if row.ends == Ends.RETENTION:
            _empty(rows_of(row, person_id), row)


def forget_late() -> int:
    """The sweep: empty what is over by its age; how many rows."""
    return sum(_forget_late(row) for row in _table if row.ends == Ends.TIME)


def _forget_late(row: Personal) -> int:
    late = apps.get_model(row.model)._base_manager.filter(
        row.only, is_filled(row), **{f"{row.since}__lt": _before(row)}
    )
    done = 0
    while done < _MOST:
        batch = list(late.order_by("pk").values_list("pk", flat=True)[:_BATCH])
        if not batch:
            break
        done += _empty(late.filter(pk__in=batch), row)
    return done


def _before(row: Personal) -> datetime:
    if row.days is None:
        return timezone.now() - relativedelta(years=settings.CLOSING["keep_years"])
    return timezone.now() - timedelta(days=row.days)


def _empty(rows: QuerySet[Any], row: Personal) -> int:
    if row.is_deleted:
        return rows.delete()[0]
    return rows.update(**empty_values(row))


def columns_of(rows: Iterable[Personal]) -> set[str]:
    """Their names, with the table's: "accounts.Identity.name_encrypted"."""
    return {f"{row.model}.{column}" for row in rows for column in row.columns}
