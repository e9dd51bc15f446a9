"""The number in a proposal gets an encrypted column of its own, which keys turn over and which is
emptied once it is decided. What says whom an identity check was about may be blanked, and nothing
else of that row may be changed, as before."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.utils import timezone

TABLE = "accounts_identitycheck"
BLANKED = "subject_hash"


def forget_old_numbers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """Proposals wait for four hours: those that do are over, and are proposed again."""
    proposals = apps.get_model("accounts", "Proposal").objects.filter(kind="support.change_phone")
    for proposal in proposals.iterator():
        if proposal.facts.pop("phone", None) is None:
            continue
        if proposal.state == "open":
            proposal.expires_at = min(proposal.expires_at, timezone.now())
        proposal.save(update_fields=["facts", "expires_at"])


def narrow(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    fields = apps.get_model("accounts", "IdentityCheck")._meta.concrete_fields
    kept = ", ".join(field.column for field in fields if field.column != BLANKED)
    _drop(schema_editor, "no_update")
    _create(schema_editor, "no_update", f"UPDATE OF {kept}")
    _create(schema_editor, "only_blanked", f"UPDATE OF {BLANKED}", f"WHEN (NEW.{BLANKED} <> '')")


def widen(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    _drop(schema_editor, "only_blanked")
    _drop(schema_editor, "no_update")
    _create(schema_editor, "no_update", "UPDATE")


def _drop(schema_editor: BaseDatabaseSchemaEditor, name: str) -> None:
    on = f" ON {TABLE}" if schema_editor.connection.vendor == "postgresql" else ""
    schema_editor.execute(f"DROP TRIGGER {TABLE}_{name}{on}")


def _create(
    schema_editor: BaseDatabaseSchemaEditor, name: str, act: str, condition: str = ""
) -> None:
    if schema_editor.connection.vendor == "postgresql":
        each = "FOR EACH ROW "
        then = "EXECUTE FUNCTION accounts_append_only()"
    else:
        each, then = "", f"BEGIN SELECT RAISE(ABORT, '{TABLE} is append-only'); END"
    schema_editor.execute(
        f"CREATE TRIGGER {TABLE}_{name} BEFORE {act} ON {TABLE} {each}{condition} {then}"
    )


class Migration(migrations.Migration):
    dependencies = [("accounts", "0030_case_reading_code")]

    operations = [
        migrations.AddField(
            model_name="proposal",
            name="phone_encrypted",
            field=models.TextField(blank=True, db_default="", default="", editable=False),
        ),
        migrations.AlterField(
            model_name="identitycheck",
            name="subject_hash",
            field=models.CharField(blank=True, max_length=64),
        ),
        migrations.RunPython(forget_old_numbers, migrations.RunPython.noop),
        migrations.RunPython(narrow, widen),
    ]
