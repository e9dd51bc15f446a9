"""Many at once. On PostgreSQL these prove the locks; on SQLite the one writer."""

from __future__ import annotations

import pytest

from accounts.users.models import User
from payments.banking import clearing
from payments.banking.answers import Reading
from payments.banking.clearing import advance_order
from payments.banking.errors import BalanceCapReached
from payments.banking.models import BankOrder, LinkedCard, SandboxBankOrder
from payments.banking.rails.base import Outcome
from payments.banking.services import link_proved_card
from payments.banking.tests.builders import (
    authorised,
    card_number,
    link_card,
    make_due,
    order_of,
    prepared,
)
from payments.processing.retries import in_one_transaction
from payments.processing.services import confirm_payment
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import PAYMENT_PASSWORD, fund, prove_the_books
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
