"""Gathers the rooms' tasks for Celery."""

from accounts.phone.tasks import deliver_code, deliver_due_codes

__all__ = ["deliver_code", "deliver_due_codes"]
