"""What happened to somebody's money, as that person may see it.

Nothing here reads a whole history: pages are the first rows of an index (`branches`), totals look
at the newest few hundred records, a search looks words up (`search`).
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from uuid import UUID

from django.db.models import Q
from django.http import Http404
from django.utils import timezone
from django.utils.functional import Promise

from accounts.users.models import User
from payments.processing.kinds import list_kinds
from payments.processing.models import Payment, PaymentStatusChange
from payments.processing.states import PaymentState
from payments.records.branches import Branch, branches, wallet_ids_of
from payments.records.criteria import Criteria
from payments.records.cursors import Cursor
from payments.records.search import search
from payments.wallets.models import Wallet

PAGE = 20
# Totals look at no more records than this, and say so.
TOTALS_MOST = 500
MONTH_MOST = 5_000


@dataclass(frozen=True, slots=True)
class Totals:
    """How many, and how much went out and came in (minor units, settled only); `has_more` when
    there are older ones that were not counted."""

    count: int = 0
    out_minor: int = 0
    in_minor: int = 0
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class ActivityPage:
    """Some rows, and where the next ones begin (None at the end)."""

    payments: list[Payment]
    next_cursor: Cursor | None


@dataclass(frozen=True, slots=True)
class Fact:
    """As much of a record as totals need."""

    moment: datetime
    row_id: int
    amount_minor: int
    is_settled: bool
    is_out: bool


def list_kind_choices() -> list[tuple[str, str | Promise]]:
    """The kinds of payments there are, with their names."""
    return [(kind.code, kind.title) for kind in list_kinds()]


def get_payment_for(user: User, public_id: UUID) -> Payment:
    """One payment this person may see; 404 for every other."""
    found = Payment.objects.filter(public_id=public_id).values_list("pk", flat=True).first()
    for branch in branches(user, Criteria()) if found is not None else []:
        payment: Payment | None = branch.rows.filter(pk=found).order_by().first()
        if payment is not None:
            return payment
    raise Http404


def list_activity(
    user: User, *, criteria: Criteria, after: Cursor | None = None, most: int = PAGE
) -> ActivityPage:
    """One page of records, newest first, below `after`; as quick in a history of a million."""
    if criteria.text:
        found, cursor = search(user, criteria, after, most=most)
        return ActivityPage(found, cursor)
    found = _newest(branches(user, criteria), most + 1, after)
    if len(found) <= most:
        return ActivityPage(found, None)
    return ActivityPage(found[:most], Cursor.below(found[most - 1]))


def list_recent(user: User, most: int) -> list[Payment]:
    """The newest records of this person."""
    return _newest(branches(user, Criteria()), most, None)


def walk(user: User, criteria: Criteria, *, step: int = 500) -> Iterator[Payment]:
    """All records that fit, newest first, a few hundred at a time: no query and no list of this
    grows with the history, and nothing is locked in between."""
    after: Cursor | None = None
    while True:
        page = list_activity(user, criteria=criteria, after=after, most=step)
        yield from page.payments
        after = page.next_cursor
        if after is None:
            return


def sum_up_page(user: User, criteria: Criteria, page: ActivityPage) -> Totals:
    """Totals beside a page: of what fits, or of what a search found for this page."""
    if not criteria.text:
        return sum_up(user, criteria)
    mine = set(wallet_ids_of(user))
    facts = [
        Fact(
            happened_at(payment),
            payment.pk,
            payment.amount_minor,
            payment.state == PaymentState.SUCCEEDED,
            payment.payer_wallet_id in mine,
        )
        for payment in page.payments
    ]
    return replace(_sum(facts, len(facts)), has_more=page.next_cursor is not None)


def sum_up(user: User, criteria: Criteria, *, most: int = TOTALS_MOST) -> Totals:
    """Count what fits, and add up what settled, of the newest `most` at the most. Text is not
    looked at."""
    return _sum(_facts(user, criteria, most), most)


def sum_up_days(user: User, criteria: Criteria, days: Iterable[date]) -> dict[date, Totals]:
    """The same for each of these days, whole days even where a page ends inside one. A day that
    has more than is looked at has no totals, nor has any when a text was searched for."""
    wanted = sorted(set(days))
    if not wanted or criteria.text:
        return {}
    since = max(wanted[0], criteria.since or wanted[0])
    until = min(wanted[-1], criteria.until or wanted[-1])
    facts = _facts(user, replace(criteria, since=since, until=until), TOTALS_MOST)
    if len(facts) > TOTALS_MOST:
        # The day where we stopped looking is not whole.
        partly = timezone.localdate(facts[-1].moment)
        facts = [fact for fact in facts if timezone.localdate(fact.moment) > partly]
    grouped: dict[date, list[Fact]] = {}
    for fact in facts:
        grouped.setdefault(timezone.localdate(fact.moment), []).append(fact)
    return {day: _sum(found, len(found)) for day, found in grouped.items()}


def month_so_far(user: User) -> Totals:
    """What went out and came in since the first of this month."""
    first = timezone.localdate().replace(day=1)
    return sum_up(user, Criteria(since=first), most=MONTH_MOST)


def list_processing(user: User) -> list[Payment]:
    """Payments this person authorised whose end is not known yet."""
    found: list[Payment] = []
    for branch in branches(user, Criteria()):
        if branch.may_wait:
            # In the order of the key: the index of payments on their way is the smaller one.
            found += branch.rows.filter(state=PaymentState.PROCESSING).order_by("-pk")[:PAGE]
    return sorted(found, key=happened_at, reverse=True)[:PAGE]


def happened_at(payment: Payment) -> datetime:
    """When it settled, or else began."""
    moment: datetime = payment.succeeded_at or payment.created_at
    return moment


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


def _facts(user: User, criteria: Criteria, most: int) -> list[Fact]:
    """The newest `most` records that fit, and one more when there are more."""
    found = [
        Fact(moment, pk, amount, state == PaymentState.SUCCEEDED, branch.is_out)
        for branch in branches(user, criteria)
        for moment, pk, amount, state in branch.rows.values_list(
            "happened_at", "pk", "amount_minor", "state"
        )[: most + 1]
    ]
    found.sort(key=lambda fact: (fact.moment, fact.row_id), reverse=True)
    return found[: most + 1]


def _sum(facts: Sequence[Fact], most: int) -> Totals:
    seen = facts[:most]
    settled = [fact for fact in seen if fact.is_settled]
    return Totals(
        count=len(seen),
        out_minor=sum(fact.amount_minor for fact in settled if fact.is_out),
        in_minor=sum(fact.amount_minor for fact in settled if not fact.is_out),
        has_more=len(facts) > most,
    )


def _newest(found: Iterable[Branch], most: int, after: Cursor | None) -> list[Payment]:
    """The newest of several lists, each of which stands in an index."""
    rows: list[Payment] = []
    for branch in found:
        below = branch.rows
        if after is not None:
            # The first condition is where the index is entered, the second only breaks ties.
            below = below.filter(happened_at__lte=after.moment).filter(
                Q(happened_at__lt=after.moment) | Q(pk__lt=after.row_id)
            )
        rows += below[:most]
    rows.sort(key=lambda payment: (happened_at(payment), payment.pk), reverse=True)
    return rows[:most]
