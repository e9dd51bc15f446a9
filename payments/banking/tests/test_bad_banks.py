"""A bank that misbehaves: whatever it says, nothing is lost, nothing is booked twice, and what
nobody can know becomes a case."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from accounts.users.models import User
from ledger.services import close_account
from payments.banking import calls
from payments.banking.cases.models import PaymentCase
from payments.banking.cases.states import CaseKind
from payments.banking.clearing import LOOKS, advance_order, open_overdue_cases
from payments.banking.models import BankOrder, BankReturn, LinkedCard
from payments.banking.rails.base import Answer, NoAnswerError, Outcome
from payments.banking.states import OrderKind, OrderState
from payments.banking.tasks import MOST_SILENCES, advance_bank_orders
from payments.banking.tests.banks import (
    AWAY,
    NOT_FOUND,
    PENDING,
    REFUSED,
    RETURNED,
    SETTLED,
    TOLD,
    ToldRail,
)
from payments.banking.tests.builders import (
    authorised,
    hear,
    link_card,
    make_due,
    order_of,
    withdrawn,
)
from payments.processing.models import Payment
from payments.processing.states import PaymentState
from payments.wallets.selectors import get_wallet_for, limit_state, wallet_balance
from tests.cast import fund, prove_the_books, wallet_with

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


@pytest.fixture
def card(alice: User, phones: Any, settings: Any) -> LinkedCard:
    """alice's card; 500.00 are in her wallet, and the bank says what it is told."""
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": TOLD}
    wallet_with(alice, "500.00")
    return link_card(alice)


def money_of(user: User) -> tuple[int, int]:
    """What the wallet holds, and what of it is free."""
    balance = wallet_balance(get_wallet_for(user))
    return balance.posted_minor, balance.available_minor


def state_of(payment: Payment) -> str:
    return Payment.objects.get(pk=payment.pk).state


def kinds_of_cases() -> list[str]:
    return list(PaymentCase.objects.order_by("pk").values_list("kind", flat=True))


class Evil:
    """Looks at itself and breaks."""

    def __eq__(self, other: object) -> bool:
        raise RuntimeError("do not compare me")

    __hash__ = None  # type: ignore[assignment]


class Unbuildable:
    """A rail that breaks before it is one, and says nonsense about itself."""

    answers_within_seconds = "soon"

    def __init__(self) -> None:
        raise OSError("no way to the bank")


ANY: Any = Outcome.SETTLED
NONSENSE: list[Any] = [
    None,
    {},
    "settled",
    b"\xff",
    Answer(None),  # type: ignore[arg-type]
    Answer("booked-maybe"),  # type: ignore[arg-type]
    Answer(["settled"]),  # type: ignore[arg-type]
    Answer(Evil()),  # type: ignore[arg-type]
    Answer(ANY, amount_minor="12000"),  # type: ignore[arg-type]
    Answer(ANY, amount_minor=True),
    Answer(ANY, reference=Evil()),  # type: ignore[arg-type]
    ValueError("broken"),
    RecursionError(),
    NoAnswerError("silence"),
]


@pytest.mark.parametrize("said", NONSENSE, ids=lambda said: type(said).__name__)
def test_what_nobody_understands_changes_nothing(alice: User, card: LinkedCard, said: Any) -> None:
    payment = withdrawn(alice, card, 120_00)
    order = hear(order_of(payment, OrderKind.PAY_OUT), said, said)
    assert (order.state, state_of(payment)) == (OrderState.SENT, PaymentState.PROCESSING)
    assert order.problem in ("not_understood", "no_answer")
    assert money_of(alice) == (500_00, 380_00)
    assert hear(order, SETTLED).state == OrderState.SETTLED
    assert money_of(alice) == (380_00, 380_00)
    prove_the_books()


@pytest.mark.parametrize("reason", [None, 7, "", "\x00" * 10, "AC04" * 10**6, "😀", ["AC04"]])
def test_a_reason_may_be_anything(alice: User, card: LinkedCard, reason: Any) -> None:
    payment = withdrawn(alice, card, 120_00)
    bank_reference: Any = "\x00\ud800" + "x" * 10**6
    order = hear(
        order_of(payment, OrderKind.PAY_OUT), Answer(Outcome.REFUSED, bank_reference, reason)
    )
    assert (order.state, order.reason) == (OrderState.REFUSED, "other")
    assert len(order.bank_reference) <= 40
    payment.refresh_from_db()
    assert payment.failure_code == "payout.other"
    assert money_of(alice) == (500_00, 500_00)
    prove_the_books()


@pytest.mark.parametrize(
    "said",
    [
        Answer(Outcome.SETTLED, amount_minor=119_99),
        Answer(Outcome.SETTLED, currency="USD"),
        Answer(Outcome.REFUSED, reason="AC04", reference="Wsomebody-elses"),
    ],
)
def test_an_answer_about_something_else_is_a_case(
    alice: User, card: LinkedCard, said: Answer
) -> None:
    payment = withdrawn(alice, card, 120_00)
    order = hear(order_of(payment, OrderKind.PAY_OUT), said, said)
    assert (order.state, state_of(payment)) == (OrderState.SENT, PaymentState.PROCESSING)
    assert kinds_of_cases() == [CaseKind.ODD_ANSWER]
    assert PaymentCase.objects.get().is_money_at_risk
    hear(order, SETTLED)
    assert PaymentCase.objects.get().closed_at is not None
    prove_the_books()


@pytest.mark.parametrize("reason", ["AM05", "duplicate", "content_differs"])
def test_a_duplicate_is_no_refusal(alice: User, card: LinkedCard, reason: str) -> None:
    """The bank has the first one: freeing the money now would pay it out and keep it."""
    payment = withdrawn(alice, card, 120_00)
    order = hear(order_of(payment, OrderKind.PAY_OUT), Answer(Outcome.REFUSED, reason=reason))
    assert (order.state, order.problem) == (OrderState.SENT, "not_final")
    hear(order, SETTLED)
    assert money_of(alice) == (380_00, 380_00)
    prove_the_books()


@pytest.mark.parametrize(
    ("first", "then", "end", "left"),
    [
        (SETTLED, REFUSED, PaymentState.SUCCEEDED, 380_00),
        (REFUSED, SETTLED, PaymentState.FAILED, 500_00),
        (REFUSED, RETURNED, PaymentState.FAILED, 500_00),
    ],
)
def test_a_bank_that_changes_its_mind_changes_nothing_by_itself(
    alice: User, card: LinkedCard, first: Answer, then: Answer, end: str, left: int
) -> None:
    payment = withdrawn(alice, card, 120_00)
    hear(order_of(payment, OrderKind.PAY_OUT), first, then, first, PENDING, NOT_FOUND, None, then)
    assert state_of(payment) == end
    assert money_of(alice) == (left, left)
    assert kinds_of_cases() == [CaseKind.CONTRADICTION]
    assert ToldRail.submitted == []
    prove_the_books()


def test_money_that_comes_back_is_credited_once_and_shown(alice: User, card: LinkedCard) -> None:
    payment = withdrawn(alice, card, 120_00)
    order = hear(order_of(payment, OrderKind.PAY_OUT), SETTLED, RETURNED, RETURNED, SETTLED)
    assert order.state == OrderState.RETURNED
    assert state_of(payment) == PaymentState.SUCCEEDED
    back = BankReturn.objects.get()
    assert back.payment is not None
    assert (back.payment.state, back.payment.amount_minor) == (PaymentState.SUCCEEDED, 120_00)
    assert money_of(alice) == (500_00, 500_00)
    assert limit_state(get_wallet_for(alice)).day_used == 0
    assert kinds_of_cases() == []
    prove_the_books()


def test_money_that_came_back_before_we_asked_went_out_and_came_back(
    alice: User, card: LinkedCard
) -> None:
    payment = withdrawn(alice, card, 120_00)
    order = hear(order_of(payment, OrderKind.PAY_OUT), PENDING, RETURNED)
    assert (order.state, state_of(payment)) == (OrderState.RETURNED, PaymentState.SUCCEEDED)
    assert money_of(alice) == (500_00, 500_00)
    prove_the_books()


@pytest.mark.parametrize("how", ["full", "closed"])
def test_money_that_comes_back_to_a_wallet_that_cannot_take_it_is_parked(
    alice: User, card: LinkedCard, how: str
) -> None:
    payment = withdrawn(alice, card, 500_00)
    order = hear(order_of(payment, OrderKind.PAY_OUT), SETTLED)
    wallet = get_wallet_for(alice)
    if how == "full":
        fund(wallet, "499900.00")
    else:
        close_account(account_id=wallet.ledger_account_id)
    hear(order, RETURNED, RETURNED)
    assert BankReturn.objects.get().is_parked
    assert kinds_of_cases() == [CaseKind.PARKED]
    assert wallet_balance(wallet).posted_minor == (499_900_00 if how == "full" else 0)
    prove_the_books()


def test_a_top_up_that_the_bank_takes_back_is_a_case(alice: User, card: LinkedCard) -> None:
    payment = authorised(alice, card, 120_00)
    hear(order_of(payment), SETTLED, RETURNED, RETURNED)
    assert state_of(payment) == PaymentState.SUCCEEDED
    assert money_of(alice) == (620_00, 620_00)
    assert kinds_of_cases() == [CaseKind.CONTRADICTION]
    prove_the_books()


def test_after_thirty_minutes_without_an_answer_staff_have_a_case(
    alice: User, card: LinkedCard
) -> None:
    payment = withdrawn(alice, card, 120_00)
    order = hear(order_of(payment, OrderKind.PAY_OUT), NoAnswerError())
    assert open_overdue_cases() == 0
    BankOrder.objects.update(created_at=timezone.now() - timedelta(minutes=31))
    assert (open_overdue_cases(), open_overdue_cases()) == (1, 0)
    assert kinds_of_cases() == [CaseKind.UNKNOWN]
    hear(order, REFUSED)
    case = PaymentCase.objects.get()
    assert (case.state, case.end) == ("closed", "answered")
    prove_the_books()


@pytest.mark.parametrize("rail", ["no.such.Rail", "builtins.int", f"{__name__}.Unbuildable"])
def test_a_rail_that_cannot_be_used_leaves_everything_open(
    alice: User, card: LinkedCard, settings: Any, rail: str
) -> None:
    payment = withdrawn(alice, card, 120_00)
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": rail}
    assert advance_bank_orders() == 1
    BankOrder.objects.update(created_at=timezone.now() - timedelta(minutes=31))
    assert open_overdue_cases() == 1
    assert state_of(payment) == PaymentState.PROCESSING
    assert money_of(alice) == (500_00, 380_00)


@pytest.mark.parametrize("days", [-400, 400])
def test_a_clock_that_jumps_leaves_no_order_behind(
    alice: User, card: LinkedCard, days: int
) -> None:
    """Written under another clock: a year ahead or behind; asked about all the same."""
    payment = withdrawn(alice, card, 120_00)
    then = timezone.now() + timedelta(days=days)
    BankOrder.objects.update(next_at=then, claimed_until=then, created_at=then)
    ToldRail.begin(PENDING)
    assert advance_bank_orders() == 1
    order = order_of(payment, OrderKind.PAY_OUT)
    assert order.next_at < timezone.now() + timedelta(hours=2)
    hear(order, SETTLED)
    assert money_of(alice) == (380_00, 380_00)
    prove_the_books()


def test_a_silent_bank_does_not_keep_the_worker(alice: User, card: LinkedCard) -> None:
    orders = [withdrawn(alice, card, 1_00) for _each in range(MOST_SILENCES + 2)]
    ToldRail.begin(NoAnswerError())
    assert advance_bank_orders() == MOST_SILENCES
    assert advance_bank_orders() == 2
    assert advance_bank_orders() == 0
    assert {state_of(payment) for payment in orders} == {PaymentState.PROCESSING}


def test_a_finished_order_is_looked_at_ever_less_often_and_then_left_alone(
    alice: User, card: LinkedCard
) -> None:
    payment = withdrawn(alice, card, 120_00)
    order = hear(order_of(payment, OrderKind.PAY_OUT), SETTLED)
    assert order.looks_left == LOOKS
    assert advance_order(order_id=order.pk) is None
    waits = []
    while order.looks_left:
        order = hear(order, SETTLED)
        waits.append(round((order.next_at - timezone.now()).total_seconds()))
    assert waits == sorted(waits)
    assert waits[-1] <= 6 * 3600
    make_due(order)
    assert advance_order(order_id=order.pk) is None
    assert money_of(alice) == (380_00, 380_00)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("how", ["hangs", "exits"])
def test_a_bank_behind_a_network_cannot_hold_or_end_a_worker(
    alice: User, settings: Any, how: str
) -> None:
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": AWAY, "deadline_seconds": 0.2}
    wallet_with(alice, "500.00")
    payment = withdrawn(alice, link_card(alice), 120_00)
    order = order_of(payment, OrderKind.PAY_OUT)
    free = threading.Event()
    began = time.monotonic()
    said: Any = SystemExit() if how == "exits" else lambda: free.wait(30)
    for turn in range(calls.MOST_LEFT + 3):
        order = hear(order, said)
        if turn % 2:
            # Half of them come when the rest is over.
            calls.bank_patience.it_answered()
    assert time.monotonic() - began < 10
    free.set()
    calls.bank_patience.it_answered()
    assert (order.state, state_of(payment)) == (OrderState.SENT, PaymentState.PROCESSING)
    for _try in range(50):
        time.sleep(0.05)
        order = hear(order, SETTLED)
        if order.state == OrderState.SETTLED:
            break
    assert money_of(alice) == (380_00, 380_00)
    prove_the_books()
