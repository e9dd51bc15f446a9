"""Rows of statements: what settles, what gives back, and what is a case instead of a booking."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from accounts.users.models import User
from payments.banking.books import returns_account_id
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.rails.base import Instruction, Outcome
from payments.banking.rails.files import FileRail
from payments.banking.rails.iso20022.documents import CAMT_054
from payments.banking.rails.iso20022.statements import CREDIT, DEBIT, Row
from payments.banking.reconciliation.models import EntryOutcome, ReconciliationCase
from payments.banking.reconciliation.services import reconcile_bank, write_due_files
from payments.banking.reconciliation.tests.builders import (
    OPENING,
    available,
    case_kinds,
    fresh,
    handed_over,
    report,
    return_of,
    row_of,
    sent_out,
    statement,
    taken_in,
)
from payments.banking.states import OrderState
from payments.banking.tests.builders import authorised
from payments.wallets.services import freeze_wallet
from tests.cast import fund, prove_the_books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


@pytest.fixture
def order(alice: User, card: LinkedCard) -> BankOrder:
    """120.00 on their way to alice's card."""
    return sent_out(alice, card, 120_00)


def test_a_booked_row_settles_without_any_other_answer(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    taken_in(statement([row_of(order)]), tmp_path)
    assert fresh(order).state == OrderState.SETTLED
    assert fresh(order).bank_reference == f"B{order.pk}"
    assert reconcile_bank().is_right
    prove_the_books()


def test_a_row_that_is_only_announced_settles_nothing(order: BankOrder, tmp_path: Path) -> None:
    taken_in(statement([row_of(order, is_booked=False)]), tmp_path)
    assert fresh(order).state == OrderState.SENT
    assert EntryOutcome.objects.get().result == "not_booked"
    assert reconcile_bank().is_right


STRANGE: dict[str, dict[str, Any]] = {
    "amount_differs": {"amount_minor": 119_99},
    "unmatched_debit": {"end_to_end_id": "W-NOBODY"},
    "direction_differs": {"direction": CREDIT},
    "creditor_differs": {"other_account": "6210990000000021"},
    "return_unclear": {"direction": CREDIT, "is_return": True},
}


@pytest.mark.parametrize("kind", STRANGE)
def test_a_row_that_does_not_fit_is_a_case_and_no_booking(
    order: BankOrder, alice: User, tmp_path: Path, kind: str
) -> None:
    taken_in(statement([row_of(order, **STRANGE[kind])]), tmp_path)
    assert case_kinds() == [kind]
    assert fresh(order).state == OrderState.SENT
    assert available(alice) == 380_00
    proof = reconcile_bank()
    assert (proof.difference_minor, proof.is_right) == (0, False)
    prove_the_books()


def test_an_account_that_the_bank_has_masked_is_not_compared(
    order: BankOrder, tmp_path: Path
) -> None:
    taken_in(statement([row_of(order, other_account="6210********0013")]), tmp_path)
    assert fresh(order).state == OrderState.SETTLED


def test_the_difference_is_what_is_at_risk_when_the_amount_differs(
    order: BankOrder, tmp_path: Path
) -> None:
    taken_in(statement([row_of(order, amount_minor=100_00)]), tmp_path)
    assert ReconciliationCase.objects.get().at_risk_minor == 20_00


def test_a_row_without_reference_is_found_by_the_banks_own(
    order: BankOrder, tmp_path: Path
) -> None:
    told = report(order, "ACSP").replace(b"</TxSts>", b"</TxSts><AcctSvcrRef>BANK-77</AcctSvcrRef>")
    taken_in(told, tmp_path, "a.xml")
    BankOrder.objects.update(bank_reference="BANK-77")
    bare = row_of(order, end_to_end_id="", bank_reference="BANK-77")
    taken_in(statement([bare]), tmp_path, "b.xml")
    assert fresh(order).state == OrderState.SETTLED
    assert case_kinds() == []


def test_after_a_restore_a_booked_order_is_not_sent_again(
    alice: User, card: LinkedCard, files: dict[str, Any], tmp_path: Path
) -> None:
    """The backup is from before the order's file; the bank has paid it meanwhile."""
    order = handed_over(alice, card, 120_00)
    taken_in(statement([row_of(order)]), tmp_path)
    assert fresh(order).state == OrderState.SETTLED
    assert write_due_files() == []
    assert case_kinds() == []
    assert reconcile_bank().is_right
    prove_the_books()


def test_two_rows_for_one_order_settle_it_once_and_the_second_is_a_case(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    taken_in(statement([row_of(order), row_of(order, 2)]), tmp_path, "a.xml")
    third = statement([row_of(order)], number=2, opening=OPENING - 240_00)
    taken_in(third, tmp_path, "b.xml")
    assert case_kinds() == ["duplicate_entry", "duplicate_entry"]
    assert available(alice) == 380_00
    assert reconcile_bank().difference_minor == 0
    prove_the_books()


def test_a_return_counts_once_in_whatever_order_and_number_it_comes(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    # The return stands before the payment, and twice.
    rows = [return_of(order), row_of(order, 2), return_of(order, 3)]
    taken_in(statement(rows), tmp_path, "a.xml")
    assert available(alice) == 500_00
    assert case_kinds() == ["duplicate_entry"]
    again = statement([return_of(order)], number=2, opening=OPENING + 120_00)
    taken_in(again, tmp_path, "b.xml")
    assert available(alice) == 500_00
    assert fresh(order).state == OrderState.RETURNED
    assert reconcile_bank().difference_minor == 0
    prove_the_books()


def test_a_return_of_a_part_is_a_case(order: BankOrder, alice: User, tmp_path: Path) -> None:
    rows = [row_of(order), return_of(order, 2, amount_minor=110_00)]
    taken_in(statement(rows), tmp_path)
    assert case_kinds() == ["amount_differs"]
    assert available(alice) == 380_00


def test_a_return_after_the_answer_alone_is_given_back(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    """Settled by pain.002; the statement with the payment itself never came."""
    taken_in(report(order, "ACSC"), tmp_path, "a.xml")
    taken_in(statement([return_of(order)]), tmp_path, "b.xml")
    assert available(alice) == 500_00
    proof = reconcile_bank()
    assert (proof.on_their_way_minor, proof.difference_minor) == (-120_00, 0)
    prove_the_books()


def test_a_return_to_a_frozen_wallet_arrives_all_the_same(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    taken_in(report(order, "ACSC"), tmp_path, "a.xml")
    wallet = order.payment.payer_wallet
    assert wallet is not None
    freeze_wallet(wallet=wallet, by=alice, reason="lost phone")
    taken_in(statement([row_of(order), return_of(order, 2)]), tmp_path, "b.xml")
    assert fresh(order).state == OrderState.RETURNED
    assert reconcile_bank().difference_minor == 0
    prove_the_books()


def test_a_return_that_the_wallet_cannot_take_is_parked(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    from ledger.selectors import get_balance

    taken_in(statement([row_of(order)]), tmp_path, "a.xml")
    wallet = order.payment.payer_wallet
    assert wallet is not None
    fund(wallet, "499600.00")
    back = statement([return_of(order)], number=2, opening=OPENING - 120_00)
    taken_in(back, tmp_path, "b.xml")
    assert get_balance(returns_account_id("CNY")).posted_minor == 120_00
    assert EntryOutcome.objects.filter(result="parked").count() == 1
    prove_the_books()


def test_booked_after_it_was_refused_is_a_case_for_the_whole_amount(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    taken_in(report(order, "RJCT", "AC04"), tmp_path, "a.xml")
    taken_in(statement([row_of(order)]), tmp_path, "b.xml")
    case = ReconciliationCase.objects.get()
    assert (case.kind, case.at_risk_minor) == ("paid_after_refusal", 120_00)
    assert available(alice) == 500_00
    proof = reconcile_bank()
    assert (proof.difference_minor, proof.not_in_books_minor) == (0, -120_00)
    prove_the_books()


def notice(rows: list[Row], number: int = 1) -> bytes:
    return statement(rows, number=number, kind=CAMT_054)


def test_a_notice_settles_and_the_statement_confirms_it(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    taken_in(notice([row_of(order)]), tmp_path, "a.xml")
    assert fresh(order).state == OrderState.SETTLED
    taken_in(notice([return_of(order)], 2), tmp_path, "b.xml")
    assert available(alice) == 500_00
    taken_in(statement([row_of(order), return_of(order, 2)]), tmp_path, "c.xml")
    assert available(alice) == 500_00
    assert case_kinds() == []
    assert reconcile_bank().is_right
    prove_the_books()


def test_a_top_up_by_transfer_arrives_by_its_reference(
    alice: User, card: LinkedCard, files: dict[str, Any], tmp_path: Path
) -> None:
    """Where no rail collects from cards, the order waits for money with its reference."""
    from payments.banking.tasks import advance_bank_orders

    files["collect_rail"] = ""
    order = BankOrder.objects.get(payment=authorised(alice, card, 30_00))
    advance_bank_orders()
    assert fresh(order).state == OrderState.SENT
    came = row_of(
        order,
        direction=CREDIT,
        end_to_end_id="",
        bank_reference="B1",
        remittance=f"top up {order.reference} thank you",
    )
    taken_in(notice([came]), tmp_path, "a.xml")
    taken_in(notice([replace(came, amount_minor=29_99, bank_reference="B2")], 2), tmp_path, "b.xml")
    assert available(alice) == 530_00
    assert case_kinds() == ["amount_differs"]
    taken_in(statement([came]), tmp_path, "c.xml")
    assert available(alice) == 530_00
    assert reconcile_bank().difference_minor == 0
    prove_the_books()


def test_money_from_nobody_is_in_nobodys_wallet(
    alice: User, card: LinkedCard, tmp_path: Path
) -> None:
    """Not even when it names a person."""
    gift = Row(
        1, CREDIT, 77_00, "CNY", True, other_name="陈思远", remittance="给陈思远 13800136027"
    )
    taken_in(notice([gift]), tmp_path, "a.xml")
    taken_in(statement([gift]), tmp_path, "b.xml")
    assert case_kinds() == ["unmatched_credit", "unmatched_credit"]
    assert available(alice) == 500_00
    assert reconcile_bank().difference_minor == 0


def test_a_notice_and_a_statement_about_the_same_money_are_one_case(
    card: LinkedCard, tmp_path: Path
) -> None:
    gift = Row(1, CREDIT, 77_00, "CNY", True, bank_reference="GIFT-1")
    taken_in(notice([gift]), tmp_path, "a.xml")
    taken_in(statement([gift, replace(gift, number=2)]), tmp_path, "b.xml")
    assert case_kinds() == ["duplicate_entry", "unmatched_credit"]
    case = ReconciliationCase.objects.get(kind="unmatched_credit")
    assert list(case.notes.values_list("text", flat=True)) == ["", "= camt.053 ST1, 1"]
    assert case.outcomes.count() == 2
    assert reconcile_bank().difference_minor == 0


def test_the_same_row_of_nobody_on_two_statements_is_noticed(
    card: LinkedCard, tmp_path: Path
) -> None:
    gift = Row(1, CREDIT, 77_00, "CNY", True, bank_reference="GIFT-1")
    taken_in(statement([gift]), tmp_path, "a.xml")
    taken_in(statement([gift], number=2, opening=OPENING + 77_00), tmp_path, "b.xml")
    assert case_kinds() == ["duplicate_entry", "unmatched_credit"]
    assert reconcile_bank().difference_minor == 0


def test_fees_and_interest_are_cases(card: LinkedCard, tmp_path: Path) -> None:
    fee = Row(1, DEBIT, 5_00, "CNY", True)
    interest = Row(2, CREDIT, 1_23, "CNY", True)
    taken_in(statement([fee, interest]), tmp_path)
    assert case_kinds() == ["unmatched_credit", "unmatched_debit"]


def test_a_gap_a_repeated_number_and_a_balance_that_does_not_join_are_cases(
    card: LinkedCard, tmp_path: Path
) -> None:
    taken_in(statement([]), tmp_path, "1.xml")
    taken_in(statement([], number=3), tmp_path, "3.xml")
    assert case_kinds() == ["sequence_gap"]
    assert ReconciliationCase.objects.get().facts["missing"] == "2 to 2"
    # The missing one comes late and joins both sides.
    taken_in(statement([], number=2), tmp_path, "2.xml")
    assert case_kinds() == ["sequence_gap"]
    taken_in(statement([], number=4, opening=OPENING + 1), tmp_path, "4.xml")
    assert case_kinds() == ["opening_differs", "sequence_gap"]
    taken_in(statement([], number=4, opening=OPENING + 1, identification="X"), tmp_path, "5.xml")
    assert case_kinds() == ["opening_differs", "sequence_gap", "sequence_gap"]


def test_the_rail_takes_an_order_once_and_refuses_another_content(
    files: dict[str, Any], db: None
) -> None:
    rail = FileRail()
    order = Instruction("W1", "pay_out", "6210990000000013", 10_00, "CNY", "陈思远")
    assert rail.poll("W1").outcome is Outcome.NOT_FOUND
    assert rail.submit(order).outcome is Outcome.PENDING
    assert rail.submit(order).outcome is Outcome.PENDING
    assert rail.poll("W1").outcome is Outcome.PENDING
    for changed in (
        replace(order, amount_minor=10_01),
        replace(order, card_number="6210990000000021"),
        replace(order, currency="USD"),
    ):
        answer = rail.submit(changed)
        assert (answer.outcome, answer.reason) == (Outcome.REFUSED, "content_differs")


def test_an_order_that_no_file_could_carry_is_refused_at_once(
    files: dict[str, Any], db: None
) -> None:
    nameless = Instruction("W1", "pay_out", "6210990000000013", 10_00, "CNY", "\x00")
    answer = FileRail().submit(nameless)
    assert (answer.outcome, answer.reason) == (Outcome.REFUSED, "not_writable")
    assert FileRail().poll("W1").outcome is Outcome.NOT_FOUND
