"""Gathers the rooms' tasks for Celery."""

from accounts.approvals.tasks import expire
from accounts.audit.tasks import seal
from accounts.cases.tasks import forget_old_cases
from accounts.closing.tasks import forget_former, forget_late_columns
from accounts.guiding.tasks import forget_old_helper_codes
from accounts.identity.tasks import forget_subjects
from accounts.payment_password.tasks import look_again, settle_payment_locks
from accounts.phone.tasks import (
    ask_for_receipts,
    deliver_code,
    deliver_due_codes,
    forget_old_codes,
)
from accounts.phone_change.tasks import carry_out
from accounts.recycled.tasks import free_numbers
from accounts.signin.tasks import clear_sessions, settle_sign_in_locks
from accounts.signup.tasks import clear_old_applications

__all__ = [
    "ask_for_receipts",
    "carry_out",
    "clear_old_applications",
    "clear_sessions",
    "deliver_code",
    "deliver_due_codes",
    "expire",
    "forget_former",
    "forget_late_columns",
    "forget_old_cases",
    "forget_old_codes",
    "forget_old_helper_codes",
    "forget_subjects",
    "free_numbers",
    "look_again",
    "seal",
    "settle_payment_locks",
    "settle_sign_in_locks",
]
