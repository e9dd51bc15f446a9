"""Sweeping up behind people who did not finish."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.signup.models import Application


@shared_task(name="accounts.signup.clear_old_applications")
def clear_old_applications() -> int:
    """Delete answers whose day is over, as the privacy notice promises; returns how many."""
    deleted, _by_model = Application.objects.filter(expires_at__lte=timezone.now()).delete()
    return deleted
