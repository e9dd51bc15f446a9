"""What a database holds, so that a copy of it can be compared with it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from django.db import connection
from django.db.migrations.loader import MigrationLoader
from django.db.migrations.recorder import MigrationRecorder

from ledger.selectors import get_balance_sheet
from ledger.services import verify_ledger

# Who is signed in is no part of a backup: a copy must not open anybody's wallet, and a session
# that was ended since must not come back to life.
LEFT_OUT = ("django_session", "django_cache")


@dataclass(frozen=True, slots=True)
class Inventory:
    """The books (head of the journal's chain, sums in minor units), balances, rows per table."""

    migrations: list[str]
    head: str
    counts: dict[str, int]
    totals_minor: dict[str, int]
    balances_minor: dict[str, int]
    balances_digest: str
    rows: dict[str, int]
    problems: list[str] = field(default_factory=list)

    def differences(self, other: Inventory) -> list[str]:
        """What `other` has otherwise, one sentence each; empty when both hold the same."""
        found = []
        if self.head != other.head:
            found.append(f"the ledger head is {other.head}, not {self.head}")
        for what, mine, theirs in (
            ("books", self.counts, other.counts),
            ("moved", self.totals_minor, other.totals_minor),
            ("balances", self.balances_minor, other.balances_minor),
            ("table", self.rows, other.rows),
        ):
            found += [
                f"{what} {name}: {theirs.get(name)}, not {mine.get(name)}"
                for name in sorted(mine.keys() | theirs.keys())
                if mine.get(name) != theirs.get(name)
            ]
        if self.balances_digest != other.balances_digest:
            found.append("the balances of single accounts differ")
        return found


def take_inventory() -> Inventory:
    """Prove the books and count everything, on the default database as it is seen now."""
    report, sheet = verify_ledger(), get_balance_sheet()
    return Inventory(
        migrations=applied_migrations(),
        head=report.head,
        counts={
            "accounts": report.accounts,
            "entries": report.entries,
            "postings": report.postings,
            "holds": report.holds,
        },
        totals_minor=report.totals_minor,
        balances_minor=sheet.sums_minor,
        balances_digest=sheet.digest,
        rows=_count_rows(),
        problems=report.problems,
    )


def applied_migrations() -> list[str]:
    """Migrations this database has been through, as "app.name"."""
    return sorted(
        f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations()
    )


def known_migrations() -> list[str]:
    """Migrations this version of the software knows."""
    return sorted(f"{app}.{name}" for app, name in MigrationLoader(None).disk_migrations)


def is_unused() -> bool:
    """True when nobody has a wallet here: no tables, or tables without people and entries."""
    tables = set(connection.introspection.table_names())
    with connection.cursor() as cursor:
        for table in {"accounts_user", "ledger_entry"} & tables:
            # A name from the line above, quoted.
            cursor.execute(f"SELECT 1 FROM {_quoted(table)} LIMIT 1")  # noqa: S608  # nosec B608
            if cursor.fetchone():
                return False
    return True


@contextmanager
def pointed_at(name: str | Path) -> Iterator[None]:
    """Have this thread's default connection work on another database of the same server."""
    before = connection.settings_dict
    connection.close()
    # A dictionary of this connection's own: threads share the other one.
    connection.settings_dict = {**before, "NAME": name}
    try:
        yield
    finally:
        connection.close()
        connection.settings_dict = before


def _count_rows() -> dict[str, int]:
    counts = {}
    with connection.cursor() as cursor:
        for table in sorted(connection.introspection.table_names(cursor)):
            if table not in LEFT_OUT:
                # A name out of the database's own list, quoted.
                cursor.execute(f"SELECT COUNT(*) FROM {_quoted(table)}")  # noqa: S608  # nosec B608
                counts[table] = int(cursor.fetchone()[0])
    return counts


def _quoted(table: str) -> str:
    return connection.ops.quote_name(table)
