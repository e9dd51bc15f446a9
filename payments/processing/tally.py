"""How many payments came to which end, without counting them all each time.

`fold_steps` adds steps (`PaymentStatusChange`) to the running totals of `PaymentTally`, a stretch
at a time; who asks adds the few that came since. The steps stay the truth: the totals can be made
anew from them.

Ids are drawn before a step is committed, so a lower id can appear later: a stretch is counted only
when it is complete (`accounts/security/horizon.py`).
"""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Count, F, QuerySet, Sum

from accounts.security.horizon import look_at
from payments.processing.models import PaymentStatusChange, PaymentTally, TallyMark
from payments.processing.states import PaymentState

_STRETCH = 50_000
# What is looked at beyond the totals when somebody asks; more waits for the next fold.
_MOST_FRESH = 2_000


@dataclass(frozen=True, slots=True)
class Outcome:
    """So many payments of a kind reached a state; `code` says why one failed, else ""."""

    kind: str
    state: str
    code: str
    payments: int
    amount_minor: int


def fold_steps() -> int:
    """Add what is complete since the last time to the totals; returns how many steps.

    May run anywhere, often, and at once: the mark decides by a conditional UPDATE.
    """
    mark, _ = TallyMark.objects.get_or_create(pk=1)
    now = look_at(PaymentStatusChange)
    complete = now.highest_id
    if now.oldest is not None:
        is_settled = now.oldest >= mark.horizon_moment
        complete = mark.horizon_id if is_settled else mark.last_step_id
    upper = max(mark.last_step_id, min(complete, mark.last_step_id + _STRETCH))
    outcomes = _count(PaymentStatusChange.objects.filter(pk__gt=mark.last_step_id, pk__lte=upper))
    keeps_horizon = upper < mark.horizon_id
    with transaction.atomic():
        has_moved = TallyMark.objects.filter(pk=1, last_step_id=mark.last_step_id).update(
            last_step_id=upper,
            horizon_id=mark.horizon_id if keeps_horizon else now.highest_id,
            horizon_moment=mark.horizon_moment if keeps_horizon else now.moment,
        )
        if not has_moved:
            return 0
        for outcome in outcomes:
            _add(outcome)
    return sum(outcome.payments for outcome in outcomes)


def list_outcomes() -> list[Outcome]:
    """Totals since the beginning by kind, state and failure, fresh steps included."""
    mark = TallyMark.objects.filter(pk=1).first()
    last_step_id = mark.last_step_id if mark else 0
    found: dict[tuple[str, str, str], list[int]] = {}
    fresh = PaymentStatusChange.objects.filter(pk__gt=last_step_id).order_by("pk")
    fresh_ids = list(fresh.values_list("pk", flat=True)[:_MOST_FRESH])
    folded = (
        Outcome(row.kind, row.state, row.code, row.payments, row.amount_minor)
        for row in PaymentTally.objects.all()
    )
    latest = _count(PaymentStatusChange.objects.filter(pk__in=fresh_ids)) if fresh_ids else []
    for outcome in [*folded, *latest]:
        sums = found.setdefault((outcome.kind, outcome.state, outcome.code), [0, 0])
        sums[0] += outcome.payments
        sums[1] += outcome.amount_minor
    return [Outcome(*key, *sums) for key, sums in sorted(found.items())]


def _count(steps: QuerySet[PaymentStatusChange]) -> list[Outcome]:
    rows = (
        steps.order_by()
        .values("payment__kind", "to_state", "payment__failure_code")
        .annotate(payments=Count("pk"), amount=Sum("payment__amount_minor"))
    )
    return [
        Outcome(
            row["payment__kind"],
            row["to_state"],
            row["payment__failure_code"] if row["to_state"] == PaymentState.FAILED else "",
            row["payments"],
            row["amount"],
        )
        for row in rows
    ]


def _add(outcome: Outcome) -> None:
    row, _ = PaymentTally.objects.get_or_create(
        kind=outcome.kind, state=outcome.state, code=outcome.code
    )
    PaymentTally.objects.filter(pk=row.pk).update(
        payments=F("payments") + outcome.payments,
        amount_minor=F("amount_minor") + outcome.amount_minor,
    )
