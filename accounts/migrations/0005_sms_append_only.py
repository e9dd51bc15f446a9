"""What was sent and what providers said is evidence: the database refuses to change it."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLES = ["accounts_smsattempt", "accounts_smsresult", "accounts_smsreceipt"]

SQLITE = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END
"""
POSTGRESQL = """
CREATE TRIGGER {table}_no_{verb} BEFORE {VERB} ON {table}
FOR EACH ROW EXECUTE FUNCTION accounts_append_only()
"""


def install(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    template = {"sqlite": SQLITE, "postgresql": POSTGRESQL}[schema_editor.connection.vendor]
    for table in TABLES:
        for verb in ("update", "delete"):
            schema_editor.execute(template.format(table=table, verb=verb, VERB=verb.upper()))


def remove(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    for table in TABLES:
        on = f" ON {table}" if schema_editor.connection.vendor == "postgresql" else ""
        for verb in ("update", "delete"):
            schema_editor.execute(f"DROP TRIGGER {table}_no_{verb}{on}")


class Migration(migrations.Migration):
    dependencies = [("accounts", "0004_sms_providers")]

    operations = [migrations.RunPython(install, remove)]
