"""Reading what waits to be claimed."""

from __future__ import annotations

from uuid import UUID

from django.db.models import QuerySet
from django.http import Http404
from django.utils import timezone

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.transfers.unclaimed.models import UnclaimedTransfer
from payments.wallets.models import Wallet

_MOST_AT_ONCE = 200


def list_claimable(user: User) -> QuerySet[UnclaimedTransfer]:
    """What waits for this person's number now, the soonest to return first."""
    return (
        UnclaimedTransfer.objects.select_related("payment")
        .filter(
            phone=str(user.phone),
            payment__state=PaymentState.PROCESSING,
            returns_at__gt=timezone.now(),
        )
        .exclude(payment__created_by=user)
        .order_by("returns_at")
    )


def get_unclaimed_for(user: User, public_id: UUID) -> UnclaimedTransfer:
    """One that waits or waited for this person's number. Raises Http404 for any other."""
    found = (
        UnclaimedTransfer.objects.select_related("payment")
        .filter(phone=str(user.phone), payment__public_id=public_id, returns_at__isnull=False)
        .exclude(payment__created_by=user)
        .first()
    )
    if found is None:
        raise Http404
    return found


def count_waiting(payer: Wallet) -> int:
    """How many transfers of this wallet wait to be claimed."""
    return Payment.objects.filter(
        payer_wallet=payer, state=PaymentState.PROCESSING, unclaimed__isnull=False
    ).count()


def list_overdue_ids() -> list[int]:
    """Payments whose time to be claimed is over and that have not ended, the oldest first."""
    overdue = Payment.objects.filter(
        state=PaymentState.PROCESSING,
        confirmed_at__isnull=False,
        unclaimed__returns_at__lte=timezone.now(),
    )
    return list(overdue.order_by("confirmed_at").values_list("pk", flat=True)[:_MOST_AT_ONCE])
