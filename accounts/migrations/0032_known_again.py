import django.db.models.deletion
from django.conf import settings
from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0031_numbers_that_are_not_kept"),
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
    ]
