"""Turning keys over: every encrypted column written anew under the newest key, every blind index
worked out anew, while the site runs.

A row is read, and written only if it still holds what was read: a change that comes between wins,
and is looked at in the next round. What the newest key opens is left alone, so a run that was
killed goes on where it stopped, and a second run changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field

from cryptography.fernet import InvalidToken
from django.apps import apps
from django.db import IntegrityError
from django.db.models import Model, QuerySet

from accounts.identity import vault

_BATCH = 500
_MOST_ROUNDS = 5


@dataclass(frozen=True)
class EncryptedColumn:
    """A column of tokens of the vault; `indexes` are the columns worked out from its text."""

    model: str
    column: str
    indexes: Mapping[str, Callable[[str], str]] = field(default_factory=dict)

    def __str__(self) -> str:
        return f"{self.model}.{self.column}"


@dataclass
class Count:
    """What was found in a column; `old` still needs an older key."""

    rows: int = 0
    renewed: int = 0
    old: int = 0
    # No key opens them, or their index is another row's: (primary key, why).
    stuck: list[tuple[int, str]] = field(default_factory=list)


_columns: dict[tuple[str, str], EncryptedColumn] = {}


def register_encrypted(*columns: EncryptedColumn) -> None:
    """Make encrypted columns known; once, when an app starts."""
    for each in columns:
        _columns[each.model, each.column] = each


def list_encrypted() -> list[EncryptedColumn]:
    """Every registered column, in the order of their names."""
    return [_columns[key] for key in sorted(_columns)]


def count_old(column: EncryptedColumn) -> Count:
    """Look at every row of a column and change nothing."""
    found = Count()
    for row in _rows(column):
        found.rows += 1
        try:
            found.old += bool(_anew(column, row))
        except InvalidToken:
            found.stuck.append((row.pk, "no key opens it"))
    return found


def renew(column: EncryptedColumn) -> Count:
    """Write every row anew that needs an older key; go round again for what changed meanwhile."""
    total = Count()
    for _round in range(_MOST_ROUNDS):
        found = _renew_once(column)
        found.renewed += total.renewed
        total = found
        if not found.old:
            break
    return total


def _renew_once(column: EncryptedColumn) -> Count:
    found = Count()
    for row in _rows(column):
        found.rows += 1
        try:
            change = _anew(column, row)
            if not change:
                continue
            as_read = {name: getattr(row, name) for name in (column.column, *column.indexes)}
            if _all(column).filter(pk=row.pk, **as_read).update(**change):
                found.renewed += 1
            else:
                found.old += 1
        except InvalidToken:
            found.stuck.append((row.pk, "no key opens it"))
        except IntegrityError:
            found.stuck.append((row.pk, "another row has the same index"))
    return found


def _anew(column: EncryptedColumn, row: Model) -> dict[str, str]:
    """What has to be written; nothing when the newest keys wrote all of it."""
    token = getattr(row, column.column)
    change = {}
    renewed = vault.renewed(token)
    if renewed is not None:
        change[column.column] = renewed
    if column.indexes:
        text = vault.decrypt(token)
        for name, index_of in column.indexes.items():
            if getattr(row, name) != (index := index_of(text)):
                change[name] = index
    return change


def _rows(column: EncryptedColumn) -> Iterator[Model]:
    """Every row with a token, in batches by primary key: no cursor stays open for long."""
    last = 0
    while True:
        rows = list(
            _all(column)
            .filter(pk__gt=last)
            .exclude(**{column.column: ""})
            .only("pk", column.column, *column.indexes)
            .order_by("pk")[:_BATCH]
        )
        if not rows:
            return
        yield from rows
        last = rows[-1].pk


def _all(column: EncryptedColumn) -> QuerySet[Model]:
    return apps.get_model(column.model)._base_manager.all()
