"""A bank of all moods against the clearing: Hypothesis looks for money that is lost or doubled.

The bank keeps its own truth about every order. Answers get lost, come late, out of order or about
another amount; workers die between asking and writing; clocks jump; the bank changes its mind and
sends money back. When it has calmed down, the books and the bank agree on every order, or there
is a case about it.
"""

from __future__ import annotations

import uuid
from datetime import timedelta
from itertools import count
from typing import Any, ClassVar

import pytest
from django.db import transaction
from django.utils import timezone
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule, run_state_machine_as_test

from accounts.security.errors import Refusal
from ledger.selectors import get_balance
from payments.banking import clearing
from payments.banking.books import clearing_account_id, payouts_account_id
from payments.banking.cases.models import PaymentCase
from payments.banking.cases.states import CaseKind
from payments.banking.models import BankOrder
from payments.banking.rails.base import Answer, Instruction, NoAnswerError, Outcome
from payments.banking.services import link_proved_card, prepare_top_up, prepare_withdrawal
from payments.banking.states import OPEN_STATES, OrderKind, OrderState
from payments.banking.tasks import advance_bank_orders
from payments.banking.tests.builders import card_number, make_due
from payments.processing.models import Payment
from payments.processing.services import confirm_authorised
from payments.processing.states import PaymentState
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import fund, make_customer, prove_the_books, wallet_with

MOODS = (
    "honest", "lost", "deaf", "nonsense", "wrong_amount", "stale", "forgetful", "duplicate",
)  # fmt: skip
PLACES = st.integers(0, 30)
AMOUNTS = st.integers(1, 300_00)
_serial = count(10)


class MoodyRail:
    """The bank: what it knows is true; what it says depends on its mood."""

    runs_here = True
    mood = "honest"
    truth: ClassVar[dict[str, Outcome]] = {}

    def submit(self, instruction: Instruction) -> Answer:
        """Take an order in, unless it gets lost."""
        if self.mood == "lost":
            raise NoAnswerError
        self.truth.setdefault(instruction.reference, Outcome.PENDING)
        return self._say(instruction.reference)

    def poll(self, reference: str) -> Answer:
        """What became of it."""
        if reference not in self.truth:
            return Answer(Outcome.NOT_FOUND)
        return self._say(reference)

    def _say(self, reference: str) -> Any:
        if self.mood in ("deaf", "lost"):
            raise NoAnswerError
        said = {
            "nonsense": None,
            "stale": Answer(Outcome.PENDING),
            "forgetful": Answer(Outcome.NOT_FOUND),
            "duplicate": Answer(Outcome.REFUSED, reason="AM05"),
            "wrong_amount": Answer(self.truth[reference], amount_minor=1_000_000_01),
        }
        return said.get(self.mood, Answer(self.truth[reference], reason="AC04"))


class BankMachine(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.around = transaction.atomic()
        # As the tests' own transactions: durable ones may run inside.
        self.around._from_testcase = True  # type: ignore[attr-defined]
        self.around.__enter__()
        MoodyRail.truth.clear()
        MoodyRail.mood = "honest"
        self.user = make_customer()
        self.card = link_proved_card(
            user=self.user, number=card_number(f"6210990000{next(_serial):05d}")
        )
        wallet_with(self.user, "500.00")
        self.wallet = get_wallet_for(self.user)
        self.outside = get_balance(clearing_account_id("CNY")).posted_minor

    def teardown(self) -> None:
        try:
            self._calm_down()
            self._compare()
            prove_the_books()
        finally:
            transaction.set_rollback(True)
            self.around.__exit__(None, None, None)

    def _order(self, place: int) -> BankOrder | None:
        orders = list(BankOrder.objects.order_by("pk"))
        return orders[place % len(orders)] if orders else None

    @rule(amount=AMOUNTS)
    def withdraw(self, amount: int) -> None:
        self._start(prepare_withdrawal, amount)

    @rule(amount=AMOUNTS)
    def top_up(self, amount: int) -> None:
        self._start(prepare_top_up, amount)

    def _start(self, prepare: Any, amount: int) -> None:
        try:
            payment = prepare(
                user=self.user,
                card_public_id=str(self.card.public_id),
                amount_minor=amount,
                compose_key=uuid.uuid4(),
            )
            confirm_authorised(payment_id=payment.pk, reason="machine")
        except Refusal:
            pass

    @rule(left=st.integers(0, 100_00))
    def the_wallet_fills_up(self, left: int) -> None:
        room = 500_000_00 - wallet_balance(self.wallet).posted_minor - left
        if room > 0:
            fund(self.wallet, f"{room // 100}.{room % 100:02d}")
            self.outside += room

    @rule(place=PLACES, verdict=st.sampled_from((Outcome.SETTLED, Outcome.REFUSED)))
    def the_bank_decides_or_changes_its_mind(self, place: int, verdict: Outcome) -> None:
        order = self._order(place)
        if order and MoodyRail.truth.get(order.reference) not in (None, Outcome.RETURNED):
            MoodyRail.truth[order.reference] = verdict

    @rule(place=PLACES)
    def money_comes_back(self, place: int) -> None:
        order = self._order(place)
        if order is None or order.kind != OrderKind.PAY_OUT:
            return
        if MoodyRail.truth.get(order.reference) is Outcome.SETTLED:
            MoodyRail.truth[order.reference] = Outcome.RETURNED

    @rule(place=PLACES, mood=st.sampled_from(MOODS))
    def a_worker_asks(self, place: int, mood: str) -> None:
        order = self._order(place)
        if order:
            MoodyRail.mood = mood
            make_due(order)
            clearing.advance_order(order_id=order.pk)

    @rule(place=PLACES, mood=st.sampled_from(MOODS))
    def a_worker_dies_before_it_writes(self, place: int, mood: str) -> None:
        order = self._order(place)
        if order:
            MoodyRail.mood = mood
            make_due(order)
            claimed = clearing._claim(order.pk)
            if claimed:
                clearing._ask(claimed)
            BankOrder.objects.filter(pk=order.pk).update(claimed_until=order.created_at)

    @rule(place=PLACES, days=st.sampled_from((-400, 400)))
    def the_clock_jumped(self, place: int, days: int) -> None:
        order = self._order(place)
        if order:
            then = timezone.now() + timedelta(days=days)
            BankOrder.objects.filter(pk=order.pk).update(next_at=then, claimed_until=then)

    @rule(mood=st.sampled_from(MOODS))
    def the_sweep_runs(self, mood: str) -> None:
        MoodyRail.mood = mood
        advance_bank_orders()

    @invariant()
    def what_is_on_its_way_is_held(self) -> None:
        """Orders to pay out without a final answer, and the holds of the wallet, are the same."""
        on_their_way = sum(
            BankOrder.objects.filter(kind=OrderKind.PAY_OUT, state__in=OPEN_STATES).values_list(
                "amount_minor", flat=True
            )
        )
        balance = wallet_balance(self.wallet)
        assert balance.posted_minor - balance.available_minor == on_their_way

    def _calm_down(self) -> None:
        """The bank decides what is open and tells the truth from now on."""
        MoodyRail.mood = "honest"
        for _turn in range(4):
            for order in BankOrder.objects.order_by("pk"):
                make_due(order)
                clearing.advance_order(order_id=order.pk)
            for reference, truth in MoodyRail.truth.items():
                if truth is Outcome.PENDING:
                    MoodyRail.truth[reference] = Outcome.SETTLED

    def _compare(self) -> None:
        expected = self.outside
        for order in BankOrder.objects.all():
            sign = 1 if order.kind == OrderKind.COLLECT else -1
            assert order.state not in OPEN_STATES
            expected += sign * order.amount_minor * (order.state == OrderState.SETTLED)
            if order.state != MoodyRail.truth[order.reference]:
                assert PaymentCase.objects.filter(
                    order=order, kind=CaseKind.CONTRADICTION, closed_at=None
                ).exists()
        assert get_balance(clearing_account_id("CNY")).posted_minor == expected
        assert get_balance(payouts_account_id("CNY")).posted_minor == 0
        assert not Payment.objects.filter(state=PaymentState.PROCESSING).exists()


@pytest.mark.usefixtures("phones")
def test_whatever_the_bank_does_nothing_is_lost_and_nothing_is_doubled(
    db: None, settings: Any
) -> None:
    rail = f"{__name__}.{MoodyRail.__name__}"
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": rail}
    run_state_machine_as_test(BankMachine, settings=_EXAMPLES)


_EXAMPLES = settings(
    max_examples=20,
    stateful_step_count=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
