"""What the sweeps over locks look for, built while people pay."""

from django.db import migrations, models

from accounts.indexes import AddIndexUnderWay


class Migration(migrations.Migration):
    # Each step for itself: an index that is built beside the traffic cannot be in a transaction.
    atomic = False

    dependencies = [("accounts", "0033_one_change_at_a_time")]

    operations = [
        AddIndexUnderWay(
            model_name="paymentpassword",
            index=models.Index(
                condition=models.Q(("look_again_at__isnull", False)),
                fields=["look_again_at"],
                name="payment_password_look_again",
            ),
        ),
        AddIndexUnderWay(
            model_name="paymentpassword",
            index=models.Index(
                condition=models.Q(("locked_until__isnull", False)),
                fields=["locked_until"],
                name="payment_password_locked",
            ),
        ),
        AddIndexUnderWay(
            model_name="tries",
            index=models.Index(
                condition=models.Q(("locked_until__isnull", False)),
                fields=["locked_until"],
                name="tries_locked",
            ),
        ),
    ]
