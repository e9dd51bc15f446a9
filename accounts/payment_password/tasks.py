"""What the clock does for payment passwords."""

from __future__ import annotations

from celery import shared_task

from accounts.payment_password import outgrown, services


@shared_task(name="accounts.payment_password.look_again")
def look_again() -> int:
    """Look at what is known to have changed since it was set; how many."""
    return outgrown.look_again_due()


@shared_task(name="accounts.payment_password.settle_locks")
def settle_payment_locks() -> int:
    """Shorten locks of a clock that ran ahead; how many."""
    return services.settle_locks()
