"""Sweeping up behind people who did not finish."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.phone.models import DemoMessage
from accounts.signup.models import Application

_KEEP_DEMO_MESSAGES = timedelta(days=1)


@shared_task(name="accounts.signup.clear_old_applications")
def clear_old_applications() -> int:
    """Delete answers whose day is over, as the privacy notice promises; returns how many."""
    now = timezone.now()
    DemoMessage.objects.filter(created_at__lt=now - _KEEP_DEMO_MESSAGES).delete()
    deleted, _by_model = Application.objects.filter(expires_at__lte=now).delete()
    return deleted
