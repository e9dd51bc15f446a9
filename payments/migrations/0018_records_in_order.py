"""The indexes of the lists, built while payments go on, and the words of what is there already."""

from django.db import migrations, models
from django.db.backends.base.schema import BaseDatabaseSchemaEditor
from django.db.migrations.state import StateApps
from django.db.models.functions import Coalesce

from accounts.indexes import AddIndexUnderWay
from payments.processing.words import seen_words

BATCH = 1_000


def write_words(apps: StateApps, schema_editor: BaseDatabaseSchemaEditor) -> None:
    payment_model = apps.get_model("payments", "Payment")
    word_model = apps.get_model("payments", "SearchWord")
    last = 0
    while batch := list(payment_model.objects.filter(pk__gt=last).order_by("pk")[:BATCH]):
        rows = [
            word_model(wallet_id=wallet_id, word=word, payment_id=payment.pk)
            for payment in batch
            for wallet_id, words in seen_words(payment)
            for word in words
        ]
        word_model.objects.bulk_create(rows, batch_size=2_000, ignore_conflicts=True)
        last = batch[-1].pk


class Migration(migrations.Migration):
    # Each step for itself: an index that is built beside the traffic cannot be in a transaction.
    atomic = False

    dependencies = [("payments", "0017_find_records")]

    operations = [
        AddIndexUnderWay(
            model_name="payment",
            index=models.Index(
                models.F("payer_wallet"),
                models.OrderBy(Coalesce("succeeded_at", "created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="payments_pay_out",
            ),
        ),
        AddIndexUnderWay(
            model_name="payment",
            index=models.Index(
                models.F("payee_wallet"),
                models.F("state"),
                models.OrderBy(Coalesce("succeeded_at", "created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="payments_pay_in",
            ),
        ),
        AddIndexUnderWay(
            model_name="payment",
            index=models.Index(
                models.F("payer_wallet"),
                models.F("kind"),
                models.OrderBy(Coalesce("succeeded_at", "created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="payments_pay_out_kind",
            ),
        ),
        AddIndexUnderWay(
            model_name="payment",
            index=models.Index(
                models.F("payee_wallet"),
                models.F("kind"),
                models.OrderBy(Coalesce("succeeded_at", "created_at"), descending=True),
                models.OrderBy(models.F("id"), descending=True),
                name="payments_pay_in_kind",
            ),
        ),
        migrations.RemoveIndex(
            model_name="payment",
            name="payments_pay_by_payee",
        ),
        migrations.RunPython(write_words, migrations.RunPython.noop),
    ]
