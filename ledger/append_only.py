"""The triggers that refuse every change of the journal, on SQLite and on PostgreSQL.

PostgreSQL refuses TRUNCATE too. The database role of the application should own nothing and be no
superuser; then not even the application can switch them off. `verify_ledger` reports a trigger
that is missing or switched off.
"""

from __future__ import annotations

from django.db.backends.base.base import BaseDatabaseWrapper

# Written once, never changed, never removed.
JOURNAL_TABLES = (
    "ledger_entry",
    "ledger_posting",
    "ledger_hold",
    "ledger_hold_resolution",
    "ledger_sealed_block",
)
# Folding removes rows of this queue; changing one is never right.
QUEUE_TABLE = "ledger_unfolded_increase"
# Counters change; what an account is does not, and no account goes away.
ACCOUNT_TABLE = "ledger_account"
FIXED_ACCOUNT_COLUMNS = ("id", "code", "kind", "currency", "is_hot", "opened_at")

_FUNCTION = """
CREATE OR REPLACE FUNCTION ledger_refuse_change() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION '% is append-only: % refused', TG_TABLE_NAME, TG_OP
        USING ERRCODE = 'integrity_constraint_violation';
END $$
"""


def trigger_names() -> list[str]:
    """Names of all triggers that must stand, per table and forbidden operation."""
    return [f"{table}_refuses_{verb.lower()}" for table, verb, _ in _forbidden()]


def statements(vendor: str) -> list[str]:
    """The statements that create the triggers, for `sqlite` or `postgresql`."""
    if vendor == "sqlite":
        return [_sqlite(table, verb, columns) for table, verb, columns in _forbidden()]
    if vendor == "postgresql":
        rows = [_postgresql(table, verb, columns) for table, verb, columns in _forbidden()]
        truncates = [
            f"CREATE TRIGGER {table}_refuses_truncate BEFORE TRUNCATE ON {table} "
            "FOR EACH STATEMENT EXECUTE FUNCTION ledger_refuse_change()"
            for table in (*JOURNAL_TABLES, QUEUE_TABLE, ACCOUNT_TABLE)
        ]
        return [_FUNCTION, *rows, *truncates]
    return []


def drop_statements(vendor: str) -> list[str]:
    """The reverse of `statements`."""
    if vendor == "sqlite":
        return [f"DROP TRIGGER IF EXISTS {name}" for name in trigger_names()]
    if vendor == "postgresql":
        return ["DROP FUNCTION IF EXISTS ledger_refuse_change() CASCADE"]
    return []


def missing_triggers(connection: BaseDatabaseWrapper) -> list[str]:
    """Triggers that do not stand guard on this database."""
    wanted = set(trigger_names())
    with connection.cursor() as cursor:
        if connection.vendor == "sqlite":
            cursor.execute("SELECT name FROM sqlite_master WHERE type = 'trigger'")
        elif connection.vendor == "postgresql":
            wanted |= {
                f"{table}_refuses_truncate"
                for table in (*JOURNAL_TABLES, QUEUE_TABLE, ACCOUNT_TABLE)
            }
            cursor.execute("SELECT tgname FROM pg_trigger WHERE tgenabled IN ('O', 'A')")
        else:
            return []
        return sorted(wanted - {row[0] for row in cursor.fetchall()})


def _forbidden() -> list[tuple[str, str, tuple[str, ...]]]:
    """Table, verb, and the columns an UPDATE is refused for (none: all of them)."""
    rows: list[tuple[str, str, tuple[str, ...]]] = []
    for table in JOURNAL_TABLES:
        rows += [(table, "UPDATE", ()), (table, "DELETE", ())]
    rows.append((QUEUE_TABLE, "UPDATE", ()))
    rows += [(ACCOUNT_TABLE, "UPDATE", FIXED_ACCOUNT_COLUMNS), (ACCOUNT_TABLE, "DELETE", ())]
    return rows


def _sqlite(table: str, verb: str, columns: tuple[str, ...]) -> str:
    of = f" OF {', '.join(columns)}" if columns else ""
    return (
        f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb}{of} ON {table} "
        f"BEGIN SELECT RAISE(ABORT, '{table} is append-only: {verb} refused'); END"
    )


def _postgresql(table: str, verb: str, columns: tuple[str, ...]) -> str:
    of = f" OF {', '.join(columns)}" if columns else ""
    return (
        f"CREATE TRIGGER {table}_refuses_{verb.lower()} BEFORE {verb}{of} ON {table} "
        "FOR EACH ROW EXECUTE FUNCTION ledger_refuse_change()"
    )
