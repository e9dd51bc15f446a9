"""Gathers the rooms' tasks for Celery."""

from accounts.phone.tasks import deliver_code, deliver_due_codes
from accounts.signin.tasks import clear_sessions

__all__ = ["clear_sessions", "deliver_code", "deliver_due_codes"]
