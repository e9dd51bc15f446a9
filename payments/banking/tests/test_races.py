"""Many at once. On PostgreSQL these prove the locks; on SQLite the one writer."""

from __future__ import annotations

import pytest

from accounts.users.models import User
from ledger.selectors import get_balance
from payments.banking import clearing
from payments.banking.answers import Reading
from payments.banking.books import clearing_account_id
from payments.banking.clearing import advance_order
from payments.banking.errors import BalanceCapReached
from payments.banking.models import BankOrder, LinkedCard, SandboxBankOrder
from payments.banking.rails.base import Outcome
from payments.banking.services import link_proved_card
from payments.banking.tasks import advance_bank_orders
from payments.banking.tests.builders import (
    advance_fully,
    authorised,
    card_number,
    link_card,
    make_due,
    order_of,
    prepared,
    prepared_withdrawal,
    withdrawn,
)
from payments.processing.retries import in_one_transaction
from payments.processing.services import confirm_payment
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import PAYMENT_PASSWORD, fund, make_customer, prove_the_books, wallet_with
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


def available(user: User) -> int:
    return wallet_balance(get_wallet_for(user)).available_minor


@pytest.mark.usefixtures("quick_bank")
def test_ten_workers_with_one_order_ask_the_bank_once(alice: User) -> None:
    payment = authorised(alice, link_card(alice), 10_00)
    order = order_of(payment)
    results = all_at_once(10, lambda _number: advance_order(order_id=order.pk))
    assert sum(result is not None for result in results) == 1
    assert SandboxBankOrder.objects.get().times_submitted == 1
    assert available(alice) == 10_00
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_two_workers_that_poll_at_once_credit_once(alice: User) -> None:
    payment = authorised(alice, link_card(alice), 10_68)
    order = order_of(payment)
    advance_order(order_id=order.pk)
    make_due(order)
    all_at_once(2, lambda _number: advance_order(order_id=order.pk))
    assert available(alice) == 10_68
    prove_the_books()


def test_ten_final_answers_at_once_credit_once(alice: User) -> None:
    """Also when claims ran out while the bank was slow: the row's lock and the key decide."""
    order = order_of(authorised(alice, link_card(alice), 10_00))
    settled = Reading(Outcome.SETTLED, "SB1")
    results = all_at_once(
        10, lambda _number: in_one_transaction(lambda: clearing._write_down(order.pk, settled))
    )
    assert codes_of(results) == {"": 10}
    assert available(alice) == 10_00
    prove_the_books()


def test_ten_answers_at_once_for_money_that_does_not_fit_return_it_once(alice: User) -> None:
    order = order_of(authorised(alice, link_card(alice), 1_000_00))
    fund(get_wallet_for(alice), "499500.00")
    settled = Reading(Outcome.SETTLED, "SB1")
    all_at_once(
        10, lambda _number: in_one_transaction(lambda: clearing._write_down(order.pk, settled))
    )
    assert BankOrder.objects.filter(kind="give_back").count() == 1
    assert available(alice) == 499_500_00
    prove_the_books()


def test_top_ups_authorised_at_once_cannot_share_the_same_room(alice: User) -> None:
    card = link_card(alice)
    waiting = [prepared(alice, card, 200_000_00) for _times in range(5)]
    results = all_at_once(
        5,
        lambda number: confirm_payment(
            payment=waiting[number], raw_payment_password=PAYMENT_PASSWORD
        ),
    )
    refused = [result for result in results if isinstance(result, BalanceCapReached)]
    assert len(refused) == 3
    assert BankOrder.objects.count() == 2
    prove_the_books()


def test_confirming_one_top_up_ten_times_at_once_sends_one_order(alice: User) -> None:
    payment = prepared(alice, link_card(alice), 10_00)
    all_at_once(
        10,
        lambda _number: confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD),
    )
    assert BankOrder.objects.count() == 1
    prove_the_books()


def test_of_two_who_link_one_card_at_once_one_gets_it(alice: User, bob: User) -> None:
    people = [alice, bob]
    results = all_at_once(
        2, lambda number: link_proved_card(user=people[number], number=card_number())
    )
    assert LinkedCard.objects.filter(removed_at=None).count() == 1
    assert codes_of(results) == {"": 1, "card.not_linkable": 1}


@pytest.mark.usefixtures("quick_bank")
def test_many_who_withdraw_at_once_while_workers_settle(alice: User) -> None:
    """Confirming locks no account that all share, and settling none that a customer waits for."""
    people = [alice, *(make_customer() for _each in range(5))]
    for number, person in enumerate(people):
        wallet_with(person, "100.00")
        link_proved_card(user=person, number=card_number(f"62109900000010{number}"))
    waiting = [prepared_withdrawal(who, who.linked_cards.get(), 60_00) for who in people]
    first = [withdrawn(who, who.linked_cards.get(), 30_00) for who in people]

    def act(number: int) -> object:
        if number % 2:
            return advance_order(order_id=order_of(first[number // 2], "pay_out").pk)
        return confirm_payment(payment=waiting[number // 2], raw_payment_password=PAYMENT_PASSWORD)

    assert codes_of(all_at_once(12, act)) == {"": 12}
    advance_bank_orders()
    assert {available(person) for person in people} == {10_00}
    assert get_balance(clearing_account_id("CNY")).posted_minor == 60_00
    prove_the_books()


def test_two_withdrawals_at_once_cannot_share_the_same_money(alice: User) -> None:
    wallet_with(alice, "100.00")
    card = link_card(alice)
    waiting = [prepared_withdrawal(alice, card, 40_00) for _times in range(5)]
    results = all_at_once(
        5,
        lambda number: confirm_payment(
            payment=waiting[number], raw_payment_password=PAYMENT_PASSWORD
        ),
    )
    assert codes_of(results) == {"": 2, "balance.short": 3}
    assert BankOrder.objects.count() == 2
    assert available(alice) == 20_00
    prove_the_books()


@pytest.mark.usefixtures("quick_bank")
def test_a_return_noticed_by_ten_at_once_is_credited_once(alice: User) -> None:
    wallet_with(alice, "100.00")
    payment = withdrawn(alice, link_card(alice), 40_00)
    order = advance_fully(payment, "pay_out")
    returned = Reading(Outcome.RETURNED, reason="card_closed")
    all_at_once(
        10, lambda _number: in_one_transaction(lambda: clearing._write_down(order.pk, returned))
    )
    assert available(alice) == 100_00
    prove_the_books()
