"""Steps of cases are evidence: the database itself refuses to change or delete one."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "payments_casestep"

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
    for verb in ("update", "delete"):
        schema_editor.execute(template.format(table=TABLE, verb=verb, VERB=verb.upper()))


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    on = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    for verb in ("update", "delete"):
        schema_editor.execute(f"DROP TRIGGER {TABLE}_no_{verb}{on}")


class Migration(migrations.Migration):
    dependencies = [("payments", "0009_bank_cases")]

    operations = [migrations.RunPython(install, remove)]
