"""Empty installations beside the one of the test: another file, another database of the server."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

from tests.services.folders import make_folder
from walletsite.backups.inventory import pointed_at


@contextmanager
def empty_installation() -> Iterator[None]:
    """Have the default connection work on a new, empty database with the same keys."""
    if connection.vendor == "sqlite":
        with pointed_at(make_folder("empty") / "wallet.sqlite3"):
            yield
        return
    name = f"empty_{secrets.token_hex(4)}"
    with connection.cursor() as cursor:
        cursor.execute(f"CREATE DATABASE {name} TEMPLATE template0")
    try:
        with pointed_at(name):
            yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute(f"DROP DATABASE {name} WITH (FORCE)")
