"""Somebody's records as a few lists, each of which is the beginning of one index.

One query with "payer or payee" would read a whole history to sort it. Apart, each list comes out
of its index in order, and the newest of all are the newest of each.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time
from typing import Any

from django.db.models import Q, QuerySet
from django.db.models.functions import Coalesce
from django.utils import timezone

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.records.criteria import Criteria, Direction
from payments.wallets.models import Wallet

# What the one who started a payment sees of it; one that never began moved no money.
SHOWN_TO_OWNER = (
    PaymentState.PROCESSING,
    PaymentState.SUCCEEDED,
    PaymentState.FAILED,
    PaymentState.CANCELLED,
)
_UNSETTLED = tuple(state for state in SHOWN_TO_OWNER if state != PaymentState.SUCCEEDED)

# Payments with the annotation `happened_at`, which the type of a model cannot carry.
Rows = QuerySet[Any]


@dataclass(frozen=True, slots=True)
class Branch:
    """One list, newest first. `is_out`: money leaves the viewer. `may_wait`: may hold payments
    whose end is not known."""

    rows: Rows
    is_out: bool
    may_wait: bool


def wallet_ids_of(user: User) -> list[int]:
    """The wallets whose records this person may read."""
    return list(Wallet.objects.filter(owner=user).values_list("pk", flat=True))


def branches(user: User, criteria: Criteria) -> list[Branch]:
    """Every payment this person may see that fits, each in exactly one list.

    What somebody sent is seen from the moment it was authorised, what somebody gets only once
    it has arrived: a payee learns nothing of payments that failed. Of what comes from outside
    (a top-up) the one who began it sees all. The text of the criteria is not looked at.
    """
    mine = wallet_ids_of(user)
    found = []
    for wallet_id in mine:
        if criteria.direction is not Direction.IN:
            sent = Q(payer_wallet_id=wallet_id, state__in=SHOWN_TO_OWNER)
            found.append(Branch(_rows(sent, criteria), is_out=True, may_wait=True))
        if criteria.direction is not Direction.OUT:
            arrived = Q(payee_wallet_id=wallet_id, state=PaymentState.SUCCEEDED)
            # From one of one's own wallets: it is in the other list already.
            arrived &= Q(payer_wallet=None) | ~Q(payer_wallet_id__in=mine)
            begun = Q(
                payee_wallet_id=wallet_id, payer_wallet=None, created_by=user, state__in=_UNSETTLED
            )
            found += [
                Branch(_rows(arrived, criteria), is_out=False, may_wait=False),
                Branch(_rows(begun, criteria), is_out=False, may_wait=True),
            ]
    return found


def _rows(seen: Q, criteria: Criteria) -> Rows:
    rows = (
        Payment.objects.filter(seen)
        .annotate(happened_at=Coalesce("succeeded_at", "created_at"))
        .select_related("payer_wallet", "payee_wallet")
        .order_by("-happened_at", "-pk")
    )
    if criteria.kind:
        rows = rows.filter(kind=criteria.kind)
    if criteria.since:
        rows = rows.filter(happened_at__gte=_midnight(criteria.since))
    if criteria.until:
        rows = rows.filter(happened_at__lt=_midnight(criteria.until, days_later=1))
    return rows


def _midnight(day: date, *, days_later: int = 0) -> datetime:
    later = date.fromordinal(day.toordinal() + days_later)
    return timezone.make_aware(datetime.combine(later, time.min))
