from django.db import migrations, models


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
    ]
