"""Whole days with a bank that speaks files: orders out, answers in, the proof at the end."""

from __future__ import annotations

from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from accounts.users.models import User
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.reconciliation.models import BankFile, FileOrder, ReconciliationCase
from payments.banking.reconciliation.services import reconcile_bank, write_due_files
from payments.banking.reconciliation.tests.builders import (
    OPENING,
    available,
    bank_day,
    case_kinds,
    fresh,
    handed_over,
    payment_of,
    sent_out,
)
from payments.banking.states import OrderState
from payments.banking.tests.builders import authorised
from payments.processing.states import PaymentState
from tests.cast import prove_the_books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


def reconciled(*arguments: str) -> str:
    """What the command prints; it ends with exit code 0."""
    out = StringIO()
    call_command("reconcile_bank", *arguments, stdout=out)
    return out.getvalue()


def test_a_withdrawal_leaves_in_a_file_and_is_final_when_the_bank_says_so(
    alice: User, card: LinkedCard
) -> None:
    order = sent_out(alice, card, 120_00)
    assert fresh(order).state == OrderState.SENT
    assert available(alice) == 380_00
    assert bank_day() == 2
    assert fresh(order).state == OrderState.SETTLED
    assert payment_of(order).state == PaymentState.SUCCEEDED
    assert available(alice) == 380_00
    assert "Wallet money is bank money" in reconciled()
    assert case_kinds() == []
    prove_the_books()


@pytest.mark.parametrize(
    ("ending", "reason"), [(14, "AC01"), (51, "AM04"), (54, "AC04"), (61, "AM14")]
)
def test_a_rejected_order_gives_the_money_back_with_the_reason(
    alice: User, card: LinkedCard, ending: int, reason: str
) -> None:
    order = sent_out(alice, card, 100_00 + ending)
    bank_day()
    assert fresh(order).state == OrderState.REFUSED
    assert payment_of(order).state == PaymentState.FAILED
    assert FileOrder.objects.get().reason == reason
    assert available(alice) == 500_00
    reconciled()
    prove_the_books()


def test_money_returned_on_the_next_day_is_in_the_wallet_once(
    alice: User, card: LinkedCard
) -> None:
    order = sent_out(alice, card, 100_77)
    bank_day()
    assert fresh(order).state == OrderState.SETTLED
    assert available(alice) == 399_23
    reconciled()
    bank_day()
    assert available(alice) == 500_00
    bank_day()
    assert available(alice) == 500_00
    reconciled()
    assert case_kinds() == []
    prove_the_books()


def test_a_late_order_is_final_when_a_statement_shows_it(alice: User, card: LinkedCard) -> None:
    order = sent_out(alice, card, 100_96)
    bank_day()
    assert fresh(order).state == OrderState.SENT
    assert "waiting for the bank: pay_out (1)" in reconciled()
    bank_day()
    assert fresh(order).state == OrderState.SETTLED
    reconciled()
    prove_the_books()


def test_an_order_whose_answer_was_lost_is_final_by_the_statement(
    alice: User, card: LinkedCard
) -> None:
    order = sent_out(alice, card, 100_68)
    bank_day()
    assert fresh(order).state == OrderState.SETTLED
    reconciled()
    prove_the_books()


def test_an_order_that_the_bank_lost_stays_on_its_way_and_the_proof_holds(
    alice: User, card: LinkedCard
) -> None:
    order = sent_out(alice, card, 100_92)
    bank_day()
    assert fresh(order).state == OrderState.SENT
    assert available(alice) == 399_08
    reconciled()
    prove_the_books()


def test_ten_orders_of_every_kind_in_one_file(alice: User, card: LinkedCard) -> None:
    for ending in (0, 14, 51, 54, 61, 68, 77, 92, 96, 0):
        handed_over(alice, card, 10_00 + ending)
    written = write_due_files()
    assert [file.row_count for file in written] == [10]
    for _day in range(3):
        bank_day()
    assert BankOrder.objects.filter(state=OrderState.SETTLED).count() == 4
    assert BankOrder.objects.filter(state=OrderState.RETURNED).count() == 1
    assert BankOrder.objects.filter(state=OrderState.REFUSED).count() == 4
    assert BankOrder.objects.filter(state=OrderState.SENT).count() == 1
    reconciled()
    assert case_kinds() == []
    prove_the_books()


def test_top_ups_of_another_rail_stand_on_the_same_statement(alice: User, card: LinkedCard) -> None:
    from payments.banking.tasks import advance_bank_orders
    from payments.banking.tests.builders import make_due

    payment = authorised(alice, card, 30_00)
    advance_bank_orders()
    make_due(BankOrder.objects.get(payment=payment))
    advance_bank_orders()
    assert available(alice) == 530_00
    bank_day()
    reconciled()
    assert case_kinds() == []
    prove_the_books()


FAULTS = {
    "duplicate-rows": ["duplicate_entry"],
    "unknown-entries": ["unmatched_credit", "unmatched_debit"],
    "wrong-totals": ["file_refused"],
    "cut-file": ["file_refused"],
    "wrong-account": ["file_refused"],
    "backward": ["status_backward"],
}


@pytest.mark.parametrize("fault", FAULTS)
def test_a_bank_that_misbehaves_makes_cases_and_moves_no_money(
    alice: User, card: LinkedCard, fault: str
) -> None:
    order = sent_out(alice, card, 120_00)
    bank_day(fault)
    assert case_kinds() == FAULTS[fault]
    assert fresh(order).state == OrderState.SETTLED
    assert available(alice) == 380_00
    with pytest.raises(CommandError):
        reconciled()
    prove_the_books()


def test_a_missing_statement_is_a_case(alice: User, card: LinkedCard) -> None:
    bank_day()
    sent_out(alice, card, 120_00)
    bank_day("gap")
    assert case_kinds() == ["sequence_gap"]
    assert available(alice) == 380_00


def test_a_file_refused_as_a_whole_gives_everything_back(alice: User, card: LinkedCard) -> None:
    first, second = handed_over(alice, card, 10_00), handed_over(alice, card, 20_00)
    write_due_files()
    bank_day("reject-all")
    assert {fresh(first).state, fresh(second).state} == {OrderState.REFUSED}
    assert available(alice) == 500_00
    reconciled()
    prove_the_books()


def test_the_proof_opens_one_case_for_a_difference_however_often_it_runs(
    alice: User, card: LinkedCard
) -> None:
    from payments.banking.rails.sandbox_files import run_bank
    from payments.banking.reconciliation.tasks import sweep_folder

    run_bank(opening_minor=OPENING - 1_00)
    sweep_folder()
    assert reconcile_bank().difference_minor == -1_00
    assert reconcile_bank().difference_minor == -1_00
    case = ReconciliationCase.objects.get()
    assert (case.kind, case.at_risk_minor) == ("balance_differs", 1_00)


def test_without_a_statement_nothing_is_proved(files: dict[str, Any], db: None) -> None:
    with pytest.raises(CommandError, match="no statement"):
        reconciled()
    with pytest.raises(CommandError, match="no statement of 2026-01-01"):
        reconciled("--date", "2026-01-01")


def test_the_bank_of_the_demo_begins_with_nothing(files: dict[str, Any], db: None) -> None:
    out = StringIO()
    call_command("sandbox_bank_files", stdout=out)
    call_command("import_bank_file", stdout=out)
    assert "1 file(s) taken in" in out.getvalue()
    assert "Wallet money is bank money" in reconciled()


def test_the_bank_of_the_demo_refuses_real_money(files: dict[str, Any], settings: Any) -> None:
    settings.EMBEDDED = settings.TRIAL = settings.DEMO_MODE = False
    with pytest.raises(CommandError, match="money is real"):
        call_command("sandbox_bank_files")


def test_the_commands_speak_plainly(alice: User, card: LinkedCard, files: dict[str, Any]) -> None:
    handed_over(alice, card, 10_00)
    out = StringIO()
    call_command("write_bank_files", "--now", stdout=out)
    assert "orders 1  sum 10.00" in out.getvalue()
    call_command("sandbox_bank_files", "--opening", "500.00", stdout=out)
    paths = sorted(str(path) for path in Path(files["in"]).iterdir())
    call_command("import_bank_file", *paths, stdout=out)
    call_command("import_bank_file", *paths, stdout=out)
    assert out.getvalue().count("taken in before") == 2
    assert BankFile.objects.count() == 3
    assert "Wallet money is bank money" in reconciled()
