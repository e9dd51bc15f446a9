from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0029_codes_by_asker"),
    ]

    operations = [
        migrations.AddField(
            model_name="case",
            name="reading_hash",
            field=models.CharField(
                blank=True, db_default="", default="", editable=False, max_length=64
            ),
        ),
    ]
