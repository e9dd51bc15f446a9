"""What happened to somebody's money, as that person may see it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, time
from enum import StrEnum
from typing import Any
from uuid import UUID

from django.db.models import Count, F, Q, QuerySet, Sum
from django.db.models.functions import Coalesce, TruncDate
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise

from accounts.users.models import User
from payments.processing.kinds import list_kinds
from payments.processing.models import Payment, PaymentStatusChange
from payments.processing.states import PaymentState
from payments.records.cursors import Cursor
from payments.wallets.models import Wallet

PAGE = 20
# What the one who started a payment sees of it; one that never began moved no money.
SHOWN_TO_OWNER = (
    PaymentState.PROCESSING,
    PaymentState.SUCCEEDED,
    PaymentState.FAILED,
    PaymentState.CANCELLED,
)


# Payments with the annotation `happened_at`, which the type of a model cannot carry.
Rows = QuerySet[Any]


class Direction(StrEnum):
    """Which way money went, as the viewer sees it."""

    ANY = ""
    OUT = "out"
    IN = "in"


@dataclass(frozen=True, slots=True)
class Criteria:
    """What the viewer asked to see."""

    direction: Direction = Direction.ANY
    kind: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""

    @property
    def is_empty(self) -> bool:
        """Whether nothing was asked for."""
        return self == Criteria()


@dataclass(frozen=True, slots=True)
class Totals:
    """How many, and how much went out and came in (minor units, settled only)."""

    count: int = 0
    out_minor: int = 0
    in_minor: int = 0


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Some rows, and where the next ones begin (None at the end)."""

    payments: list[Payment]
    next_cursor: Cursor | None


def list_kind_choices() -> list[tuple[str, str | Promise]]:
    """The kinds of payments there are, with their names."""
    return [(kind.code, kind.title) for kind in list_kinds()]


def wallet_ids_of(user: User) -> list[int]:
    """The wallets whose records this person may read."""
    return list(Wallet.objects.filter(owner=user).values_list("pk", flat=True))


def payments_of(user: User) -> Rows:
    """Every payment this person may see, with `happened_at`: when it settled, or else began.

    What somebody sent is seen from the moment it was authorised, what somebody gets only once
    it has arrived: a payee learns nothing of payments that failed.
    """
    mine = wallet_ids_of(user)
    sent = Q(payer_wallet_id__in=mine) | Q(payee_wallet_id__in=mine, created_by=user)
    received = Q(payee_wallet_id__in=mine, state=PaymentState.SUCCEEDED)
    return (
        Payment.objects.filter((sent & Q(state__in=SHOWN_TO_OWNER)) | received)
        .annotate(happened_at=Coalesce("succeeded_at", "created_at"))
        .select_related("payer_wallet", "payee_wallet")
        .order_by("-happened_at", "-pk")
    )


def get_payment_for(user: User, public_id: UUID) -> Payment:
    """One payment this person may see; 404 for every other."""
    payment = payments_of(user).filter(public_id=public_id).first()
    if payment is None:
        raise Http404
    return payment


def list_activity(user: User, *, criteria: Criteria, after: Cursor | None = None) -> ActivityPage:
    """One page of records, newest first, below `after`."""
    rows = filter_payments(user, criteria)
    if after is not None:
        rows = rows.filter(
            Q(happened_at__lt=after.moment) | Q(happened_at=after.moment, pk__lt=after.row_id)
        )
    found = list(rows[: PAGE + 1])
    if len(found) <= PAGE:
        return ActivityPage(found, None)
    last = found[PAGE - 1]
    return ActivityPage(found[:PAGE], Cursor(happened_at(last), last.pk))


def filter_payments(user: User, criteria: Criteria) -> Rows:
    """The payments of this person that fit what was asked for."""
    rows = payments_of(user)
    if criteria.direction is Direction.OUT:
        rows = rows.filter(payer_wallet_id__in=wallet_ids_of(user))
    elif criteria.direction is Direction.IN:
        rows = rows.filter(payee_wallet_id__in=wallet_ids_of(user))
    if criteria.kind:
        rows = rows.filter(kind=criteria.kind)
    if criteria.since:
        rows = rows.filter(happened_at__gte=_midnight(criteria.since))
    if criteria.until:
        rows = rows.filter(happened_at__lt=_midnight(criteria.until, days_later=1))
    if criteria.text:
        reference = "".join(criteria.text.split()).upper()
        rows = rows.filter(Q(note__icontains=criteria.text) | Q(reference=reference))
    return rows


def happened_at(payment: Payment) -> datetime:
    """When it settled, or else began."""
    moment: datetime = payment.succeeded_at or payment.created_at
    return moment


def sum_up(user: User, rows: Rows) -> Totals:
    """Count all of `rows`, and add up those that settled."""
    found = rows.order_by().aggregate(**_sums(user))
    return Totals(found["count"], found["out_minor"] or 0, found["in_minor"] or 0)


def sum_up_days(user: User, rows: Rows, days: Iterable[date]) -> dict[date, Totals]:
    """The same for each of these days, whole days even where a page ends inside one."""
    wanted = sorted(set(days))
    if not wanted:
        return {}
    found = (
        rows.filter(
            happened_at__gte=_midnight(wanted[0]),
            happened_at__lt=_midnight(wanted[-1], days_later=1),
        )
        .order_by()
        .annotate(day=TruncDate(F("happened_at"), tzinfo=timezone.get_current_timezone()))
        .values("day")
        .annotate(**_sums(user))
    )
    return {
        row["day"]: Totals(row["count"], row["out_minor"] or 0, row["in_minor"] or 0)
        for row in found
    }


def month_so_far(user: User) -> Totals:
    """What went out and came in since the first of this month."""
    first = timezone.localdate().replace(day=1)
    return sum_up(user, filter_payments(user, Criteria(since=first)))


def list_processing(user: User) -> list[Payment]:
    """Payments this person authorised whose end is not known yet."""
    return list(payments_of(user).filter(state=PaymentState.PROCESSING)[:PAGE])


def list_steps(payment: Payment) -> list[PaymentStatusChange]:
    """What became of a payment, in order."""
    return list(payment.status_changes.all())


def list_shops(user: User) -> list[Wallet]:
    """The merchant wallets of this person."""
    return list(Wallet.objects.filter(owner=user, kind=Wallet.Kind.MERCHANT).order_by("pk"))


def find_settled(reference: str) -> Payment | None:
    """The settled payment with this reference, whoever's it is: for checking receipts only."""
    return (
        Payment.objects.filter(reference=reference, state=PaymentState.SUCCEEDED)
        .select_related("payer_wallet", "payee_wallet")
        .first()
    )


def _sums(user: User) -> dict[str, Count | Sum]:
    mine = wallet_ids_of(user)
    settled = Q(state=PaymentState.SUCCEEDED)
    return {
        "count": Count("pk"),
        "out_minor": Sum("amount_minor", filter=settled & Q(payer_wallet_id__in=mine)),
        "in_minor": Sum("amount_minor", filter=settled & Q(payee_wallet_id__in=mine)),
    }


def _midnight(day: date, *, days_later: int = 0) -> datetime:
    later = date.fromordinal(day.toordinal() + days_later)
    return timezone.make_aware(datetime.combine(later, time.min))
