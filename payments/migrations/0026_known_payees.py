"""Whether a payment, a plan or a file was authorised with a second proof: its payees are known.

And room for the whole reason of an adjustment.
"""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models import Q

from accounts.indexes import AddIndexUnderWay


def note_given_proofs(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    given = apps.get_model("payments", "SecondProof").objects.filter(used_at__isnull=False)
    for model in ("Payment", "StandingOrder", "TransferBatch"):
        apps.get_model("payments", model).objects.filter(
            public_id__in=given.values("subject_id")
        ).update(is_proved=True)


def _is_proved() -> models.BooleanField:
    return models.BooleanField(db_default=False, default=False, verbose_name="second proof given")


class Migration(migrations.Migration):
    # Each step for itself: an index that is built beside the traffic cannot be in a transaction.
    atomic = False

    dependencies = [("payments", "0025_words_of_the_second_proof")]

    operations = [
        AddIndexUnderWay(
            model_name="payment",
            index=models.Index(
                fields=["payer_wallet"],
                condition=Q(state="processing"),
                name="payments_pay_way_of_payer",
            ),
        ),
        migrations.AddField(model_name="payment", name="is_proved", field=_is_proved()),
        migrations.AddField(model_name="standingorder", name="is_proved", field=_is_proved()),
        migrations.AddField(model_name="transferbatch", name="is_proved", field=_is_proved()),
        migrations.AddField(
            model_name="secondproof",
            name="amount_minor",
            field=models.BigIntegerField(null=True, verbose_name="amount"),
        ),
        migrations.AlterField(
            model_name="payment",
            name="note",
            field=models.CharField(blank=True, default="", max_length=100, verbose_name="note"),
        ),
        migrations.RunPython(note_given_proofs, migrations.RunPython.noop),
    ]
