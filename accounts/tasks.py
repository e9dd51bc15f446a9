"""Gathers the rooms' tasks for Celery."""

from accounts.phone.tasks import deliver_code, deliver_due_codes, forget_old_codes
from accounts.signin.tasks import clear_sessions
from accounts.signup.tasks import clear_old_applications

__all__ = [
    "clear_old_applications",
    "clear_sessions",
    "deliver_code",
    "deliver_due_codes",
    "forget_old_codes",
]
