"""Forgetting codes that nobody can use any more."""

from __future__ import annotations

from datetime import timedelta

from celery import shared_task
from django.utils import timezone

from accounts.guiding.models import HelperCode

_KEPT = timedelta(days=1)


@shared_task(name="accounts.guiding.forget_old_codes")
def forget_old_helper_codes() -> int:
    """Delete codes that ran out a day ago; what came of them stands in the events. How many."""
    deleted, _by_model = HelperCode.objects.filter(expires_at__lt=timezone.now() - _KEPT).delete()
    return deleted
