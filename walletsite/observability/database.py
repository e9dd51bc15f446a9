"""Counting what the database did not carry out."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.db import Error
from django.db.backends.base.base import BaseDatabaseWrapper
from django.db.backends.signals import connection_created

from walletsite.observability.counters import DATABASE_ERRORS


def watch_database() -> None:
    """Have every connection that is made from now on count its errors."""
    connection_created.connect(_watch)


def _watch(connection: BaseDatabaseWrapper, **_: object) -> None:
    if count_errors not in connection.execute_wrappers:
        connection.execute_wrappers.append(count_errors)


def count_errors(
    execute: Callable[..., Any], sql: str, params: Any, many: bool, context: dict[str, Any]
) -> Any:
    """Carry the statement out; an error is counted by its class and raised on."""
    try:
        return execute(sql, params, many, context)
    except Error as error:
        DATABASE_ERRORS.labels(type(error).__name__).inc()
        raise
