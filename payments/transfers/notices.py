"""Telling payers what did not happen while they were away: on home and on the page of what is to
come, until they say that they have seen it."""

from __future__ import annotations

from datetime import datetime

from django.utils import timezone

from accounts.users.models import User
from payments.processing.models import Payment
from payments.transfers.models import TransferNotice


def tell_payer(
    *,
    owner: User,
    key: str,
    code: str,
    party: str,
    amount_minor: int,
    currency: str,
    due_at: datetime,
) -> None:
    """Write down what to tell, once per `key`; joins the caller's transaction."""
    TransferNotice.objects.get_or_create(
        key=key,
        defaults={
            "owner": owner,
            "code": code,
            "party": party,
            "amount_minor": amount_minor,
            "currency": currency,
            "due_at": due_at,
        },
    )


def tell_not_arrived(payment: Payment, *, code: str) -> None:
    """A transfer on its way went back to its payer."""
    tell_payer(
        owner=payment.created_by,
        key=f"payment:{payment.public_id}",
        code=code,
        party=payment.counterparty_label,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        due_at=payment.arrives_at or timezone.now(),
    )


def take_back(key: str) -> None:
    """What was told turned out not to be so: a clock had jumped ahead."""
    TransferNotice.objects.filter(key=key).delete()


def list_unseen(user: User, *, most: int = 20) -> list[TransferNotice]:
    """What this person has not seen yet, newest first."""
    return list(TransferNotice.objects.filter(owner=user, seen_at=None).order_by("-pk")[:most])


def mark_seen(user: User, *, up_to: int) -> None:
    """They have seen everything up to the notice with this id."""
    TransferNotice.objects.filter(owner=user, seen_at=None, pk__lte=up_to).update(
        seen_at=timezone.now()
    )
