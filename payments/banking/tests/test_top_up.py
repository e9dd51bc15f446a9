"""From the button to the money: settled, refused, lost, repeated, too much."""

from __future__ import annotations

import uuid
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.utils import timezone

from accounts.users.models import User
from ledger.models import JournalEntry
from ledger.selectors import get_balance
from ledger.services import close_account
from payments.banking import clearing, tasks
from payments.banking.answers import NO_ANSWER, Reading
from payments.banking.books import clearing_account_id, returns_account_id
from payments.banking.clearing import advance_order
from payments.banking.errors import BalanceCapReached, CardGone
from payments.banking.models import BankOrder, LinkedCard, SandboxBankOrder
from payments.banking.rails.base import NoAnswerError, Outcome
from payments.banking.rails.sandbox import SandboxRail
from payments.banking.services import prepare_top_up, remove_card
from payments.banking.states import OrderKind, OrderState
from payments.banking.tasks import advance_bank_orders
from payments.banking.tests.builders import (
    advance_fully,
    authorised,
    card_number,
    link_card,
    make_due,
    order_of,
    prepared,
)
from payments.processing.errors import FormUsedBefore
from payments.processing.models import Payment
from payments.processing.services import confirm_payment
from payments.processing.states import PaymentState
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import PAYMENT_PASSWORD, fund, prove_the_books

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


@pytest.fixture
def card(alice: User, phones: Any) -> LinkedCard:
    """alice's card."""
    return link_card(alice)


def available(user: User) -> int:
    return wallet_balance(get_wallet_for(user)).available_minor


def test_money_arrives_when_the_bank_has_settled(alice: User, card: LinkedCard) -> None:
    payment = authorised(alice, card, 120_00)
    assert payment.state == PaymentState.PROCESSING
    assert available(alice) == 0
    order = order_of(payment)
    advance_order(order_id=order.pk)
    order.refresh_from_db()
    assert order.state == OrderState.SENT
    assert available(alice) == 0
    SandboxBankOrder.objects.update(decides_at=timezone.now())
    make_due(order)
    assert advance_bank_orders() == 1
    payment.refresh_from_db()
    assert payment.state == PaymentState.SUCCEEDED
    assert available(alice) == 120_00
    assert get_balance(clearing_account_id("CNY")).posted_minor == 120_00
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
@pytest.mark.parametrize(
    ("amount_minor", "code"),
    [
        (10_51, "bank.insufficient_funds"),
        (10_54, "bank.card_closed"),
        (10_61, "bank.over_bank_limit"),
    ],
)
def test_a_refusal_takes_nothing_and_says_why(
    alice: User, card: LinkedCard, amount_minor: int, code: str
) -> None:
    payment = authorised(alice, card, amount_minor)
    assert advance_fully(payment).state == OrderState.REFUSED
    payment.refresh_from_db()
    assert (payment.state, payment.failure_code) == (PaymentState.FAILED, code)
    assert available(alice) == 0
    assert not JournalEntry.objects.filter(key=f"payment:{payment.public_id}").exists()
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_a_card_can_be_one_that_is_always_refused(alice: User) -> None:
    card = link_card(alice, card_number("621099000000051"))
    payment = authorised(alice, card, 10_00)
    advance_fully(payment)
    payment.refresh_from_db()
    assert payment.failure_code == "bank.insufficient_funds"
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_the_sweep_finds_an_order_whose_message_was_lost(alice: User, card: LinkedCard) -> None:
    """Killed between commit and push: nothing was sent to the broker, only the row is there."""
    payment = authorised(alice, card, 10_00)
    assert advance_bank_orders() == 1
    payment.refresh_from_db()
    assert payment.state == PaymentState.SUCCEEDED
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_a_worker_that_dies_before_the_answer_leads_to_no_second_order(
    alice: User, card: LinkedCard, monkeypatch: pytest.MonkeyPatch
) -> None:
    payment = authorised(alice, card, 10_00)
    order = order_of(payment)

    def die(*_args: object) -> None:
        raise SystemExit

    with monkeypatch.context() as patch:
        patch.setattr(clearing, "in_one_transaction", die)
        with pytest.raises(SystemExit):
            advance_order(order_id=order.pk)
    assert SandboxBankOrder.objects.count() == 1
    # The dead worker's claim still holds; nobody asks meanwhile.
    assert advance_order(order_id=order.pk) is None
    BankOrder.objects.update(claimed_until=timezone.now())
    advance_order(order_id=order.pk)
    # Asked first: the bank knew the order, so it was not sent again.
    assert SandboxBankOrder.objects.get().times_submitted == 1
    assert available(alice) == 10_00
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
@pytest.mark.parametrize("amount_minor", [10_68, 10_92])
def test_a_lost_answer_or_a_lost_order_ends_in_one_credit(
    alice: User, card: LinkedCard, amount_minor: int
) -> None:
    payment = authorised(alice, card, amount_minor)
    order = order_of(payment)
    advance_order(order_id=order.pk)
    payment.refresh_from_db()
    assert payment.state == PaymentState.PROCESSING
    make_due(order)
    advance_order(order_id=order.pk)
    assert available(alice) == amount_minor
    assert SandboxBankOrder.objects.count() == 1
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_a_silent_bank_leaves_the_payment_open(alice: User, card: LinkedCard) -> None:
    payment = authorised(alice, card, 10_96)
    advance_fully(payment)
    payment.refresh_from_db()
    assert payment.state == PaymentState.PROCESSING
    SandboxBankOrder.objects.update(silent_until=timezone.now())
    advance_fully(payment)
    assert available(alice) == 10_96
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_a_second_answer_changes_nothing(alice: User, card: LinkedCard) -> None:
    payment = authorised(alice, card, 10_00)
    order = advance_fully(payment)
    settled = Reading(Outcome.SETTLED, "again")
    refused = Reading(Outcome.REFUSED, "late", "card_closed")
    for late in (settled, refused, NO_ANSWER):
        assert clearing._write_down(order.pk, late).state == OrderState.SETTLED
    assert advance_order(order_id=order.pk) is None
    payment.refresh_from_db()
    assert payment.state == PaymentState.SUCCEEDED
    assert available(alice) == 10_00
    prove_the_books()


def test_the_bank_takes_one_order_per_reference(alice: User, card: LinkedCard) -> None:
    order = order_of(authorised(alice, card, 10_00))
    rail = SandboxRail()
    rail.submit(clearing._instruction(order))
    rail.submit(clearing._instruction(order))
    assert SandboxBankOrder.objects.count() == 1
    order.amount_minor = 20_00
    answer = rail.submit(clearing._instruction(order))
    assert (answer.outcome, answer.reason) == (Outcome.REFUSED, "content_differs")


def test_the_bank_decides_what_it_took_in_under_another_clock(
    alice: User, card: LinkedCard
) -> None:
    """The clock was set back between taking an order in and answering it."""
    order = order_of(authorised(alice, card, 10_96))
    rail = SandboxRail()
    with time_machine.travel(timezone.now() + timedelta(days=1)), pytest.raises(NoAnswerError):
        rail.submit(clearing._instruction(order))
    assert rail.poll(order.reference).outcome is Outcome.SETTLED


def test_top_ups_on_their_way_count_against_the_cap(alice: User, card: LinkedCard) -> None:
    authorised(alice, card, 400_000_00)
    with pytest.raises(BalanceCapReached) as refusal:
        prepared(alice, card, 100_000_01)
    assert "¥100,000.00" in refusal.value.message
    waiting = [prepared(alice, card, 60_000_00) for _times in range(2)]
    confirm_payment(payment=waiting[0], raw_payment_password=PAYMENT_PASSWORD)
    with pytest.raises(BalanceCapReached):
        confirm_payment(payment=waiting[1], raw_payment_password=PAYMENT_PASSWORD)
    waiting[1].refresh_from_db()
    assert waiting[1].state == PaymentState.CREATED
    assert BankOrder.objects.count() == 2
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_money_that_no_longer_fits_goes_back_to_the_card(alice: User, card: LinkedCard) -> None:
    payment = authorised(alice, card, 1_000_00)
    fund(get_wallet_for(alice), "499500.00")
    order = advance_fully(payment)
    payment.refresh_from_db()
    assert order.state == OrderState.SETTLED
    assert (payment.state, payment.failure_code) == (PaymentState.FAILED, "top_up.balance_cap")
    assert available(alice) == 499_500_00
    assert get_balance(returns_account_id("CNY")).posted_minor == 1_000_00
    prove_the_books()
    assert advance_fully(payment, OrderKind.GIVE_BACK).state == OrderState.SETTLED
    assert get_balance(returns_account_id("CNY")).posted_minor == 0
    assert get_balance(clearing_account_id("CNY")).posted_minor == 499_500_00
    prove_the_books()


def test_a_broken_broker_costs_nothing_but_time(
    alice: User,
    card: LinkedCard,
    monkeypatch: pytest.MonkeyPatch,
    django_capture_on_commit_callbacks: Any,
) -> None:
    def break_down(**_options: object) -> None:
        raise ConnectionError

    monkeypatch.setattr(tasks.submit_order, "apply_async", break_down)
    with django_capture_on_commit_callbacks(execute=True) as callbacks:
        payment = authorised(alice, card, 10_00)
    assert callbacks
    assert payment.state == PaymentState.PROCESSING
    assert order_of(payment).state == OrderState.DUE


@pytest.mark.usefixtures("quick_bank")
def test_money_for_a_wallet_that_closed_meanwhile_goes_back(alice: User, card: LinkedCard) -> None:
    payment = authorised(alice, card, 10_00)
    close_account(account_id=get_wallet_for(alice).ledger_account_id)
    advance_fully(payment)
    payment.refresh_from_db()
    assert payment.failure_code == "top_up.wallet_closed"
    assert advance_fully(payment, OrderKind.GIVE_BACK).state == OrderState.SETTLED
    prove_the_books()


def test_the_same_form_sent_again_is_the_same_top_up(alice: User, card: LinkedCard) -> None:
    key = uuid.uuid4()
    facts: dict[str, Any] = {"user": alice, "card_public_id": str(card.public_id)}
    first = prepare_top_up(**facts, amount_minor=10_00, compose_key=key)
    assert prepare_top_up(**facts, amount_minor=10_00, compose_key=key) == first
    with pytest.raises(FormUsedBefore):
        prepare_top_up(**facts, amount_minor=20_00, compose_key=key)
    assert Payment.objects.count() == 1


def test_confirming_twice_sends_one_order(alice: User, card: LinkedCard) -> None:
    payment = authorised(alice, card, 10_00)
    confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)
    assert BankOrder.objects.count() == 1


def test_a_card_removed_before_the_password_takes_nothing(alice: User, card: LinkedCard) -> None:
    payment = prepared(alice, card, 10_00)
    remove_card(card=card, address="")
    with pytest.raises(CardGone):
        confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)
    assert not BankOrder.objects.exists()
    prove_the_books()


def test_somebody_elses_card_is_no_card(alice: User, bob: User, card: LinkedCard) -> None:
    with pytest.raises(CardGone):
        prepared(bob, card, 10_00)
