"""What the bank wrote, what became of it and what staff noted only grows; cases and files stay.

The database itself refuses, as for the tables of 0002.
"""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

APPEND_ONLY = [
    "payments_fileorderstep",
    "payments_bankstatement",
    "payments_statemententry",
    "payments_entryoutcome",
    "payments_casenote",
]
NEVER_DELETED = ["payments_bankfile", "payments_fileorder", "payments_reconciliationcase"]
GUARDS = [(table, verb) for table in APPEND_ONLY for verb in ("update", "delete")] + [
    (table, "delete") for table in NEVER_DELETED
]

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
FOR EACH ROW EXECUTE FUNCTION payments_append_only()
"""


def install(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    template = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for table, verb in GUARDS:
        schema_editor.execute(template.format(table=table, verb=verb, VERB=verb.upper()))


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    on = " ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
    for table, verb in GUARDS:
        schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}" + on.format(table=table))


class Migration(migrations.Migration):
    dependencies = [("payments", "0006_bank_files")]

    operations = [migrations.RunPython(install, remove)]
