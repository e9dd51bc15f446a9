"""Copies by pg_dump and pg_restore, in PostgreSQL's own archive format.

The dump and the inventory share one exported snapshot, so they are of the same moment however many
payments run meanwhile (https://www.postgresql.org/docs/current/functions-admin.html, snapshots).
Passwords reach the programs by their environment, never by their arguments.
"""

from __future__ import annotations

import os
import re
import secrets
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO
from zipfile import ZipFile

from django.db import DatabaseError, connection, transaction
from django.db.backends.postgresql.client import DatabaseClient

from walletsite.backups.archive import Measured, chunks, payload_writer
from walletsite.backups.errors import BackupError
from walletsite.backups.inventory import LEFT_OUT, Inventory, is_unused, pointed_at, take_inventory
from walletsite.backups.manifest import Payload
from walletsite.backups.programs import find_program
from walletsite.backups.proof import prove

KIND = "postgresql"
_NAME = "wallet.dump"
# Where the old tables wait until the new ones are proven.
_ASIDE = "wallet_before_restore"


def copy_into(archive: ZipFile) -> tuple[Payload, Inventory]:
    """Write a dump; the inventory is taken in the snapshot it was made from."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
        # The dump may take long, and this transaction only waits for it.
        cursor.execute("SET LOCAL idle_in_transaction_session_timeout = 0")
        cursor.execute("SET LOCAL statement_timeout = 0")
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
        with payload_writer(archive, _NAME, is_compressed=True) as out:
            _dump(snapshot, out)
        return out.payload(_NAME), take_inventory()


def restore_from(copy: IO[bytes], wanted: Inventory, *, may_replace: bool) -> Inventory:
    """Put the copy in the place of the tables, once it is proven. Raises BackupError."""
    _refuse_company()
    if not may_replace and not is_unused():
        raise BackupError(
            "There are people or payments in this database. --replace puts the backup in their "
            "place; take a backup of what is there first."
        )
    with _old_tables_aside():
        _load(copy)
        return _prove(wanted)


def drill(copy: IO[bytes], wanted: Inventory) -> Inventory:
    """Restore into a database of its own on the same server, removed afterwards."""
    name = f"wallet_drill_{secrets.token_hex(4)}"
    quoted = connection.ops.quote_name(name)
    try:
        _execute(f"CREATE DATABASE {quoted} TEMPLATE template0")
    except DatabaseError as error:
        raise BackupError(
            "A drill needs a role that may create a database: ALTER ROLE ... CREATEDB."
        ) from error
    try:
        with pointed_at(name):
            _load(copy)
            return _prove(wanted)
    finally:
        _execute(f"DROP DATABASE IF EXISTS {quoted} WITH (FORCE)")


def _prove(wanted: Inventory) -> Inventory:
    """After a load nothing is known about the tables yet: without ANALYZE plans are poor."""
    _execute("SET statement_timeout = 0", "ANALYZE")
    try:
        return prove(wanted)
    finally:
        connection.close()


@contextmanager
def _old_tables_aside() -> Iterator[None]:
    """Rename the schema for the time of the restore; when that fails it comes back."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1 FROM pg_namespace WHERE nspname = %s", [_ASIDE])
        if cursor.fetchone():
            raise BackupError(
                f"A restore was cut off here: the tables from before are in the schema {_ASIDE}. "
                f"To have them back: DROP SCHEMA public CASCADE; ALTER SCHEMA {_ASIDE} RENAME TO "
                "public; then restore again."
            )
    _execute(f"ALTER SCHEMA public RENAME TO {_ASIDE}", "CREATE SCHEMA public")
    try:
        yield
    except BaseException:
        connection.close()
        _execute("DROP SCHEMA public CASCADE", f"ALTER SCHEMA {_ASIDE} RENAME TO public")
        raise
    _execute(f"DROP SCHEMA {_ASIDE} CASCADE")


def _refuse_company() -> None:
    """Whoever is connected may be paying: what they pay would be lost with the old tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() "
            "AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
        )
        [others] = cursor.fetchone()
    if others:
        raise BackupError(
            f"{others} other connection(s) to this database: stop web servers, workers and beat "
            "first, or what is paid meanwhile would be lost."
        )


def _execute(*statements: str) -> None:
    """All or none, where the statements allow it."""
    with connection.cursor() as cursor:
        if len(statements) == 1:
            cursor.execute(statements[0])
            return
        with transaction.atomic():
            for statement in statements:
                cursor.execute(statement)


def _dump(snapshot: str, out: Measured) -> None:
    words = ["--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}"]
    words += [f"--exclude-table-data={table}" for table in LEFT_OUT]
    with _running(_program("pg_dump"), words, stdout=subprocess.PIPE) as program:
        assert program.stdout is not None
        for chunk in chunks(program.stdout):
            out.write(chunk)


def _load(copy: IO[bytes]) -> None:
    """All in one transaction. Our own connection is closed: it would stand in the way."""
    words = ["--single-transaction", "--exit-on-error", "--no-owner", "--no-privileges"]
    words.append("--schema=public")
    path = _program("pg_restore")
    connection.close()
    with _running(path, words, stdin=subprocess.PIPE) as program:
        assert program.stdin is not None
        try:
            for chunk in chunks(copy):
                program.stdin.write(chunk)
        except BrokenPipeError:
            pass  # it ended early; its exit code says so


def _program(name: str) -> str:
    connection.ensure_connection()
    return find_program(name, int(connection.pg_version) // 10_000)  # type: ignore[attr-defined]


@contextmanager
def _running(
    path: str, words: list[str], *, stdin: int | None = None, stdout: int | None = None
) -> Iterator[subprocess.Popen[bytes]]:
    """One of PostgreSQL's programs, on our database. Raises BackupError when it fails."""
    # Django's own translation of the settings; without its program and its last word, the database.
    words_of_django, environment = DatabaseClient.settings_to_cmd_args_env(
        connection.settings_dict, []
    )
    arguments = [*words_of_django[1:-1], f"--dbname={words_of_django[-1]}"]
    program = subprocess.Popen(
        [path, "--no-password", *arguments, *words],
        env={**os.environ, **(environment or {})},
        stderr=subprocess.PIPE,
        stdin=stdin,
        stdout=stdout,
    )
    try:
        yield program
        _out, said = program.communicate()
    except BaseException:
        program.kill()
        program.wait()
        raise
    if program.returncode != 0:
        # PostgreSQL quotes rows in some of its messages; its first line is enough, without them.
        first = re.sub(r"(DETAIL|CONTEXT):.*", "", said.decode(errors="replace")).strip()
        raise BackupError(
            f"{Path(path).name} failed: {first.splitlines()[0] if first else 'no reason given'}"
        )
