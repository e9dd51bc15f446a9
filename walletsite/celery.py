"""The Celery application. A broker message is only a wake-up: the truth is always a row."""

import os
import sys
from typing import Any

from celery import Celery, Task
from celery.signals import beat_init, worker_init
from django.core.exceptions import ImproperlyConfigured
from kombu.exceptions import OperationalError

from walletsite import folder_queue

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walletsite.settings")
folder_queue.register()


class WakeUpTask(Task):
    """Publishes at once or not at all: a page does not wait for a broker that fell silent."""

    def apply_async(self, *args: Any, **options: Any) -> Any:
        """As Celery's; raises OperationalError without a try while the broker is left alone."""
        from accounts.security.patience import redis_patience

        if redis_patience.is_resting():
            raise OperationalError("the broker did not answer a moment ago")
        try:
            return super().apply_async(*args, **options)
        except OperationalError:
            redis_patience.it_failed()
            raise


app = Celery("walletsite", task_cls=WakeUpTask)
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_init.connect
@beat_init.connect
def refuse_to_work_unsafely(**_: object) -> None:
    """As the web server does: Celery runs Django's checks and goes on whatever they say."""
    from walletsite.checks import refuse_unsafe

    try:
        refuse_unsafe()
    except ImproperlyConfigured as error:
        # Celery turns what goes to `sys.stderr` into log lines, and notes any exception of a
        # signal but this one without ending.
        if sys.__stderr__ is not None:
            sys.__stderr__.write(f"{error}\n")
        raise SystemExit(1) from error
