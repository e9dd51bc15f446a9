"""The encrypted column of a statement's row, and the index worked out from it, may be written anew
under another key; what the bank wrote is refused to change as before."""

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

TABLE = "payments_statemententry"
TURNS_WITH_THE_KEY = {"details_token", "account_index"}


def narrow(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    fields = apps.get_model("payments", "StatementEntry")._meta.concrete_fields
    kept = ", ".join(field.column for field in fields if field.column not in TURNS_WITH_THE_KEY)
    _replace(schema_editor, f"UPDATE OF {kept}")


def widen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _replace(schema_editor, "UPDATE")


def _replace(schema_editor: BaseDatabaseSchemaEditor, act: str) -> None:
    name = f"{TABLE}_no_update"
    if schema_editor.connection.vendor == "postgresql":
        schema_editor.execute(f"DROP TRIGGER {name} ON {TABLE}")
        then = "FOR EACH ROW EXECUTE FUNCTION payments_append_only()"
    else:
        schema_editor.execute(f"DROP TRIGGER {name}")
        then = f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
    schema_editor.execute(f"CREATE TRIGGER {name} BEFORE {act} ON {TABLE} {then}")


class Migration(migrations.Migration):
    dependencies = [("payments", "0020_freezing")]

    operations = [migrations.RunPython(narrow, widen)]
