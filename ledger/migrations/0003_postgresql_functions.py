"""On PostgreSQL one entry is one call of a function that lives beside the rows."""

from pathlib import Path

from django.db import migrations
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

SOURCE = Path(__file__).with_suffix(".sql")

FUNCTIONS = (
    "ledger_resolve_hold",
    "ledger_place_hold",
    "ledger_change_pair",
    "ledger_change_many",
    "ledger_breaks",
    "ledger_post_entries",
    "ledger_post_entry",
    "ledger_status_of",
    "ledger_change",
    "ledger_change_hot",
    "ledger_fold",
)


def create(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    schema_editor.execute(SOURCE.read_text(encoding="utf-8"), params=None)
    # Room in each page for the next version of a row: a counter changes far more often than an
    # account is opened, and no index covers a counter, so updates stay in their page.
    schema_editor.execute("ALTER TABLE ledger_account SET (fillfactor = 50)", params=None)


def drop(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    if schema_editor.connection.vendor != "postgresql":
        return
    for name in FUNCTIONS:
        schema_editor.execute(f"DROP FUNCTION IF EXISTS {name} CASCADE", params=None)


class Migration(migrations.Migration):
    dependencies = [("ledger", "0002_append_only")]

    operations = [migrations.RunPython(create, drop)]
