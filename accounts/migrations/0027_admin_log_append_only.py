"""What Django's admin writes down stays, too."""

from django.db import migrations

from accounts.append_only import append_only


class Migration(migrations.Migration):
    dependencies = [
        ("accounts", "0026_alarm_for_all_codes"),
        ("admin", "0003_logentry_add_action_flag_choices"),
    ]

    operations = [append_only("django_admin_log")]
