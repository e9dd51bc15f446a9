"""The Celery application. A broker message is only a wake-up: the truth is always a row."""

import os

from celery import Celery
from celery.signals import beat_embedded_init

from walletsite.children import dies_with_parent

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walletsite.settings")

app = Celery("walletsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@beat_embedded_init.connect
def beat_ends_with_its_worker(**_: object) -> None:
    """The embedded beat is a process of its own; a killed worker must not leave it behind."""
    dies_with_parent()()
