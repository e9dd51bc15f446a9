"""The proof: what explains a difference, what does not, and where it begins."""

from __future__ import annotations

from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest

from accounts.users.models import User
from payments.banking.bookings import book_adjustment
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.reconciliation.services import reconcile_bank
from payments.banking.reconciliation.tests.builders import (
    OPENING,
    case_kinds,
    day_of,
    report,
    row_of,
    sent_out,
    statement,
    taken_in,
    today,
)
from payments.banking.tasks import advance_bank_orders
from payments.banking.tests.builders import authorised, make_due
from payments.processing.retries import in_one_transaction
from tests.cast import fund, prove_the_books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


@pytest.fixture
def order(alice: User, card: LinkedCard) -> BankOrder:
    """120.00 on their way to alice's card."""
    return sent_out(alice, card, 120_00)


def topped_up(user: User, card: LinkedCard, amount_minor: int) -> None:
    """A top-up from the card, settled by the other rail."""
    payment = authorised(user, card, amount_minor)
    advance_bank_orders()
    make_due(BankOrder.objects.get(payment=payment))
    advance_bank_orders()


@pytest.mark.parametrize(("opening", "is_right"), [(530_00, True), (500_00, True), (1, False)])
def test_a_first_statement_is_taken_at_its_word_for_what_was_before(
    alice: User, card: LinkedCard, tmp_path: Path, opening: int, is_right: bool
) -> None:
    """500.00 from nobody knows where, 30.00 topped up, 120.00 paid out: the statement begins
    after the top-up, or before it."""
    topped_up(alice, card, 30_00)
    order = sent_out(alice, card, 120_00)
    rows = [row_of(order)]
    taken_in(statement(rows, opening=opening, closed_on=today()), tmp_path)
    assert reconcile_bank().is_right == is_right
    prove_the_books()


def test_money_that_no_order_explains_is_a_difference(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    taken_in(statement([row_of(order)]), tmp_path)
    assert reconcile_bank().is_right
    wallet = order.payment.payer_wallet
    assert wallet is not None
    fund(wallet, "0.01")
    assert reconcile_bank().difference_minor == -1
    assert case_kinds() == ["balance_differs"]


def test_settled_and_on_no_statement_for_days_is_a_case(order: BankOrder, tmp_path: Path) -> None:
    taken_in(report(order, "ACSC"), tmp_path, "a.xml")
    taken_in(statement([], opening=OPENING, closed_on=today()), tmp_path, "b.xml")
    assert reconcile_bank().is_right
    later = today() + timedelta(days=6)
    taken_in(statement([], number=2, opening=OPENING, closed_on=later), tmp_path, "c.xml")
    proof = reconcile_bank()
    assert (proof.difference_minor, proof.unresolved) == (0, 1)
    assert case_kinds() == ["not_on_statement"]
    reconcile_bank()
    assert case_kinds() == ["not_on_statement"]


def test_what_two_of_staff_corrected_is_explained(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    taken_in(report(order, "ACSC"), tmp_path, "a.xml")
    taken_in(statement([], opening=OPENING), tmp_path, "b.xml")
    in_one_transaction(lambda: book_adjustment(order, case_key="c", wallet_is="payee"))
    proof = reconcile_bank()
    assert (proof.on_their_way_minor, proof.difference_minor) == (0, 0)
    prove_the_books()


def test_an_older_day_is_proved_as_well(
    order: BankOrder, alice: User, card: LinkedCard, tmp_path: Path
) -> None:
    taken_in(statement([row_of(order)]), tmp_path, "a.xml")
    second = sent_out(alice, card, 30_00)
    next_day = statement([row_of(second)], number=2, opening=OPENING - 120_00)
    taken_in(next_day, tmp_path, "b.xml")
    for day, closing in ((day_of(1), 380_00), (day_of(2), 350_00)):
        proof = reconcile_bank(closed_on=day)
        assert (proof.closing_minor, proof.difference_minor) == (closing, 0)
    assert reconcile_bank().closing_minor == 350_00


def test_statements_without_numbers_are_joined_by_their_days(
    order: BankOrder, tmp_path: Path
) -> None:
    plain: dict[str, Any] = {"sequence": None}
    taken_in(statement([row_of(order)], **plain), tmp_path, "a.xml")
    good = statement([], number=2, opening=OPENING - 120_00, **plain)
    taken_in(good, tmp_path, "b.xml")
    assert case_kinds() == []
    taken_in(statement([], number=3, opening=OPENING, **plain), tmp_path, "c.xml")
    assert case_kinds() == ["opening_differs"]


def test_numbers_may_begin_anew_with_a_year(order: BankOrder, tmp_path: Path) -> None:
    old = statement([row_of(order)], number=365, closed_on=date(2025, 12, 31))
    taken_in(old, tmp_path, "a.xml")
    new: dict[str, Any] = {"number": 1, "opening": OPENING - 120_00, "closed_on": date(2026, 1, 1)}
    taken_in(statement([], **new), tmp_path, "b.xml")
    assert case_kinds() == []
