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


def let_change(table: str, *columns: str) -> migrations.RunPython:
    """The operation that lets these columns of a guarded table be written: an index that keys or
    the end of the retention take away. What the row says is refused to change as before."""

    def narrow(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        app, _underscore, model = table.partition("_")
        fields = apps.get_model(app, model)._meta.concrete_fields
        kept = ", ".join(each.column for each in fields if each.column not in columns)
        _guard_update(schema_editor, table, f"update OF {kept}")

    def widen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
        _guard_update(schema_editor, table, "update")

    return migrations.RunPython(narrow, widen)


def _guard_update(schema_editor: BaseDatabaseSchemaEditor, table: str, verb: str) -> None:
    is_postgresql = schema_editor.connection.vendor == "postgresql"
    on = f" ON {table}" if is_postgresql else ""
    schema_editor.execute(f"DROP TRIGGER {table}_no_update{on}")
    then = (
        "FOR EACH ROW EXECUTE FUNCTION accounts_append_only()"
        if is_postgresql
        else f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
    )
    schema_editor.execute(f"CREATE TRIGGER {table}_no_update BEFORE {verb} ON {table} {then}")
