"""For migrations: tables that only grow. The database itself refuses to change or delete a row.

The function on PostgreSQL was made by the migration `0002_append_only`.
"""

from __future__ import annotations

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

_SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
_POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {verb} ON {table}
FOR EACH ROW EXECUTE FUNCTION accounts_append_only()
"""


def append_only(*tables: str) -> migrations.RunPython:
    """The operation that guards these tables, and takes the guards away when run backwards."""

    def install(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        template = {"sqlite": _SQLITE, "postgresql": _POSTGRESQL}[schema_editor.connection.vendor]
        for table in tables:
            for verb in ("update", "delete"):
                schema_editor.execute(template.format(table=table, verb=verb))

    def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        is_postgresql = schema_editor.connection.vendor == "postgresql"
        for table in tables:
            for verb in ("update", "delete"):
                on = f" ON {table}" if is_postgresql else ""
                schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}{on}")

    return migrations.RunPython(install, remove)
