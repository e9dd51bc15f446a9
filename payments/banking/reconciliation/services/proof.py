"""The daily proof: the bank's closing balance is what the books say it must be.

Everything that moves the books' clearing account and everything that moves the bank's account is
the same set of events, seen at different times. So

    closing balance = the books now
                      - what the books have and no statement up to this one has (on its way)
                      + what statements have and the books do not (cases)

and whatever is left over is a difference that nobody can explain: a case of its own.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db.models import Count, Q, QuerySet, Sum

from ledger.selectors import get_balance
from ledger.verification import one_view
from payments.banking.bookings import ADJUSTMENT_KIND
from payments.banking.books import clearing_account_id
from payments.banking.cases.models import PaymentCase
from payments.banking.cases.states import CaseEnd
from payments.banking.cases.states import CaseState as PaymentCaseState
from payments.banking.models import BankOrder
from payments.banking.reconciliation.models import (
    BankStatement,
    EntryOutcome,
    StatementEntry,
)
from payments.banking.reconciliation.selectors import (
    at_risk_minor,
    find_statement,
    unresolved_cases,
)
from payments.banking.reconciliation.services.beginning import find_beginning
from payments.banking.reconciliation.services.cases import open_case
from payments.banking.reconciliation.services.matching import finish_what_waits
from payments.banking.reconciliation.states import CaseKind, EntryResult
from payments.banking.states import OPEN_STATES, PAID_STATES, OrderKind, OrderState
from payments.processing.models import Payment
from payments.processing.retries import in_one_transaction
from payments.processing.states import PaymentState

_GIVEN_BACK = (EntryResult.RETURNED, EntryResult.PARKED)
# One run opens no more cases than a person can read.
MOST_LATE = 200
MOST_SHOWN = 20


@dataclass(slots=True)
class Proof:
    """What was compared. Amounts in minor units; more on our account is positive."""

    statement: BankStatement | None = None
    closing_minor: int = 0
    books_minor: int = 0
    on_their_way_minor: int = 0
    not_in_books_minor: int = 0
    unresolved: int = 0
    at_risk_minor: int = 0
    # Since when statements show everything; None for always.
    began_at: datetime | None = None
    # Asked of the bank, no final answer yet: kind -> (how many, sum).
    pending: dict[str, tuple[int, int]] = field(default_factory=dict)
    # The longest waiting of them.
    waiting: list[BankOrder] = field(default_factory=list)

    @property
    def expected_minor(self) -> int:
        """What the closing balance must be."""
        return self.books_minor - self.on_their_way_minor + self.not_in_books_minor

    @property
    def difference_minor(self) -> int:
        """What nobody can explain."""
        return self.closing_minor - self.expected_minor

    @property
    def is_right(self) -> bool:
        """Wallet money is bank money, and nobody has anything left to look at."""
        return self.statement is not None and not self.difference_minor and not self.unresolved


def reconcile_bank(*, closed_on: date | None = None) -> Proof:
    """Compare the books with a statement: the newest, or the one of a day.

    First works out every row that waits; then opens a case for what cannot be explained and for
    what the bank should have shown by now. Again is harmless. Outside every transaction.
    """
    finish_what_waits()
    # Opened on first use, which is a write; the view below only reads.
    clearing_account_id(settings.WALLET_CURRENCY)
    with one_view():
        proof = _compare(closed_on)
        late = _late_orders(proof)
    in_one_transaction(lambda: _open_cases(proof, late))
    return proof


def _compare(closed_on: date | None) -> Proof:
    """The sums, all of one moment."""
    proof = Proof(
        statement=find_statement(closed_on=closed_on),
        pending=_pending(),
        waiting=list(
            BankOrder.objects.filter(state__in=OPEN_STATES).order_by("created_at", "pk")[
                :MOST_SHOWN
            ]
        ),
    )
    statement = proof.statement
    if statement is None:
        return proof
    outcomes = EntryOutcome.objects.filter(
        kind=statement.kind, entry__statement__in=_up_to(statement)
    )
    rows = StatementEntry.objects.filter(statement__in=_up_to(statement), is_booked=True)
    proof.closing_minor = statement.closing_minor or 0
    proof.books_minor = get_balance(clearing_account_id(statement.currency)).posted_minor
    proof.began_at = find_beginning(proof.books_minor)
    proof.on_their_way_minor = (
        _signed_orders(_not_shown(outcomes, proof.began_at))
        + _returns_not_shown(outcomes)
        + _by_hand()
    )
    proof.not_in_books_minor = _signed_rows(
        rows.exclude(outcome__result__in=_GIVEN_BACK).exclude(
            outcome__result=EntryResult.MATCHED, outcome__order__state__in=PAID_STATES
        )
    )
    return proof


def _up_to(statement: BankStatement) -> QuerySet[BankStatement]:
    """The statements of the account up to and with this one."""
    return BankStatement.objects.filter(
        account=statement.account, kind=statement.kind, closed_on__lte=statement.closed_on
    )


def _not_shown(outcomes: QuerySet[EntryOutcome], began_at: datetime | None) -> QuerySet[BankOrder]:
    """Settled in the books since statements show everything, and on none so far."""
    settled = BankOrder.objects.filter(state__in=PAID_STATES).exclude(
        pk__in=outcomes.filter(result=EntryResult.MATCHED).values("order")
    )
    return settled if began_at is None else settled.filter(finished_at__gte=began_at)


def _returns_not_shown(outcomes: QuerySet[EntryOutcome]) -> int:
    """Given back after a notice or another answer of the bank, and on no statement so far."""
    shown = outcomes.filter(result__in=_GIVEN_BACK).values("order")
    returned = BankOrder.objects.filter(state=OrderState.RETURNED).exclude(pk__in=shown)
    return int(returned.aggregate(total=Sum("amount_minor"))["total"] or 0)


def _by_hand() -> int:
    """What two members of staff booked to put a payment case right. The bank's side of it stands
    on a statement as a row that fits no order, or not at all."""
    corrections = Payment.objects.filter(kind=ADJUSTMENT_KIND, state=PaymentState.SUCCEEDED)
    sums = corrections.aggregate(
        came=Sum("amount_minor", filter=Q(payer_wallet=None)),
        went=Sum("amount_minor", filter=~Q(payer_wallet=None)),
    )
    paid_out = PaymentCase.objects.filter(
        end=CaseEnd.PAID_BY_HAND, state=PaymentCaseState.CLOSED
    ).aggregate(total=Sum("order__amount_minor"))["total"]
    return int(sums["came"] or 0) - int(sums["went"] or 0) - int(paid_out or 0)


def _signed_orders(orders: QuerySet[BankOrder]) -> int:
    sums = orders.aggregate(
        came=Sum("amount_minor", filter=Q(kind=OrderKind.COLLECT)),
        went=Sum("amount_minor", filter=~Q(kind=OrderKind.COLLECT)),
    )
    return int(sums["came"] or 0) - int(sums["went"] or 0)


def _signed_rows(rows: QuerySet[StatementEntry]) -> int:
    sums = rows.aggregate(
        came=Sum("amount_minor", filter=Q(direction="credit")),
        went=Sum("amount_minor", filter=Q(direction="debit")),
    )
    return int(sums["came"] or 0) - int(sums["went"] or 0)


def _pending() -> dict[str, tuple[int, int]]:
    """Orders without a final answer, by kind."""
    waiting = BankOrder.objects.filter(state__in=OPEN_STATES).order_by("kind").values("kind")
    told = waiting.annotate(count=Count("pk"), total=Sum("amount_minor"))
    return {each["kind"]: (each["count"], each["total"]) for each in told}


def _late_orders(proof: Proof) -> list[BankOrder]:
    """Settled so long before the statement that it should have shown them."""
    statement = proof.statement
    if statement is None or statement.closed_on is None:
        return []
    zone = ZoneInfo(settings.BANK_FILES["zone"])
    last_day = statement.closed_on - timedelta(days=settings.BANK_FILES["late_days"])
    before = datetime.combine(last_day, time.min, tzinfo=zone)
    outcomes = EntryOutcome.objects.filter(
        kind=statement.kind, entry__statement__in=_up_to(statement)
    )
    late = _not_shown(outcomes, proof.began_at).filter(finished_at__lt=before)
    return list(late.order_by("pk")[:MOST_LATE])


def _open_cases(proof: Proof, late: list[BankOrder]) -> None:
    statement = proof.statement
    known = unresolved_cases().filter(
        kind=CaseKind.BALANCE_DIFFERS, at_risk_minor=abs(proof.difference_minor)
    )
    # The same difference on the next day is the same trouble.
    if statement is not None and proof.difference_minor and not known.exists():
        open_case(
            key=f"balance:{statement.pk}:{proof.difference_minor}",
            kind=CaseKind.BALANCE_DIFFERS,
            facts={
                "statement": statement.identification,
                "closing_minor": proof.closing_minor,
                "expected_minor": proof.expected_minor,
                "difference_minor": proof.difference_minor,
            },
            at_risk_minor=proof.difference_minor,
            currency=statement.currency,
            file=statement.file,
        )
    for order in late:
        open_case(
            key=f"late:{order.pk}",
            kind=CaseKind.NOT_ON_STATEMENT,
            facts={"reference": order.reference, "amount_minor": order.amount_minor},
            at_risk_minor=order.amount_minor,
            currency=order.currency,
            order=order,
        )
    proof.unresolved = unresolved_cases().count()
    proof.at_risk_minor = at_risk_minor()
