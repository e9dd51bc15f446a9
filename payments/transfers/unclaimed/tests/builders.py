"""Money on its way to a number without a wallet, made through the services."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import uuid4

from django.utils import timezone

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.tests.people import confirm
from payments.transfers.unclaimed.services import compose_unclaimed

PHONE = "+8613912340001"


def unclaimed(payer: User, amount: str = "30.00", phone: str = PHONE) -> Payment:
    """A transfer on its check page."""
    return compose_unclaimed(
        user=payer, payee_text=phone, amount_text=amount, note="lunch", compose_key=uuid4()
    )


def waiting(payer: User, amount: str = "30.00", phone: str = PHONE) -> Payment:
    """One that is paid and waits for its receiver."""
    return confirm(unclaimed(payer, amount, phone))


def tomorrow() -> datetime:
    """A moment after the time to claim is over."""
    return timezone.now() + timedelta(hours=24, seconds=1)
