"""The Celery application. A broker message is only a wake-up: the truth is always a row."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "walletsite.settings")

app = Celery("walletsite")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
