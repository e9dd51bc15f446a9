"""Beginning a time of caution after a risky change."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.caution.models import Caution
from accounts.security.services import record_event
from accounts.users.models import User


def begin_caution(*, user: User, why: str, seconds: int | None = None) -> Caution:
    """For 24 hours, or `seconds`, less money may leave the person's wallets.

    Joins the caller's transaction, so it stands or falls with the change: whoever takes over a
    phone number or a password has a day's small change to win, and the owner a day to notice.
    `why` is one of `Caution.Why`; anything else raises `ValueError`. How much may leave stands in
    `settings.CAUTION`; what counts the money asks `selectors.caution_of`.
    Source: specs/security, "outgoing limit 24 h" after changes of phone, passwords, factors.
    """
    if why not in Caution.Why.values:
        raise ValueError(f"not a reason for caution: {why!r}")
    lasts = settings.CAUTION["seconds"] if seconds is None else seconds
    now = timezone.now()
    with transaction.atomic():
        caution = Caution.objects.create(
            user=user, why=why, begins_at=now, until=now + timedelta(seconds=lasts)
        )
        record_event(user=user, kind="caution.begun", details={"why": why, "seconds": lasts})
    return caution
