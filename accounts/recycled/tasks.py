"""What the clock does for numbers that went to somebody else."""

from __future__ import annotations

from celery import shared_task
from django.utils import timezone

from accounts.recycled.models import NumberWalk
from accounts.recycled.services import free_due


@shared_task(name="accounts.recycled.free_numbers")
def free_numbers() -> int:
    """Numbers whose time to object is over are free; how many."""
    NumberWalk.objects.filter(expires_at__lt=timezone.now()).delete()
    return free_due()
