import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps

from accounts.append_only import let_change


def move_numbers(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    """New phone numbers stood, encrypted, among the facts of proposals, where no key turned them
    over. One that is open is not what was read any more: it is proposed again."""
    for proposal in apps.get_model("accounts", "Proposal").objects.filter(
        kind="support.change_phone"
    ):
        token = proposal.facts.get("phone", "")
        proposal.facts["phone"] = "—"
        proposal.private_encrypted = token if proposal.state == "open" else ""
        proposal.save(update_fields=["facts", "private_encrypted"])


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0026_alarm_for_all_codes"),
    ]

    operations = [
        migrations.AddField(
            model_name="user",
            name="is_password_outgrown",
            field=models.BooleanField(
                db_default=False, default=False, verbose_name="login password guessable now"
            ),
        ),
        migrations.AddField(
            model_name="formercustomer",
            name="taken_up_by",
            field=models.ForeignKey(
                blank=True,
                null=True,
                on_delete=django.db.models.deletion.PROTECT,
                related_name="+",
                to=settings.AUTH_USER_MODEL,
                verbose_name="opened again as",
            ),
        ),
        migrations.AddField(
            model_name="proposal",
            name="private_encrypted",
            field=models.TextField(blank=True, db_default="", default=""),
        ),
        migrations.RunPython(move_numbers, migrations.RunPython.noop),
        let_change("accounts_identitycheck", "subject_hash"),
    ]
