"""pain.002: accepted, settled, refused, partly, contradicting, about others' orders."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.users.models import User
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.rails.iso20022.documents import PAIN_001
from payments.banking.rails.iso20022.status_reports import (
    OrderStatus,
    PaymentStatus,
    Status,
    StatusReport,
    build_status_report,
)
from payments.banking.reconciliation.models import BankFile, FileOrder, ReconciliationCase
from payments.banking.reconciliation.services import write_due_files
from payments.banking.reconciliation.tests.builders import (
    available,
    case_kinds,
    fresh,
    handed_over,
    payment_of,
    report,
    sent_out,
    taken_in,
)
from payments.banking.states import OrderState
from payments.processing.states import PaymentState
from tests.cast import prove_the_books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


@pytest.fixture
def order(alice: User, card: LinkedCard) -> BankOrder:
    """120.00 on their way to alice's card."""
    return sent_out(alice, card, 120_00)


def tell(order: BankOrder, tmp_path: Path, *codes: str, reason: str = "") -> None:
    """Answer the order with one file after the other."""
    for number, code in enumerate(codes):
        content = report(order, code, reason, message_id=f"S{number}-{code}")
        taken_in(content, tmp_path, f"{number}.xml")


@pytest.mark.parametrize("code", ["ACTC", "ACCP", "ACSP", "ACWC", "PDNG", "RCVD"])
def test_what_is_not_final_leaves_the_order_on_its_way(
    order: BankOrder, alice: User, tmp_path: Path, code: str
) -> None:
    tell(order, tmp_path, code)
    assert fresh(order).state == OrderState.SENT
    assert FileOrder.objects.get().state == "accepted"
    assert available(alice) == 380_00
    tell(order, tmp_path, "ACSC")
    assert fresh(order).state == OrderState.SETTLED
    assert case_kinds() == []
    prove_the_books()


@pytest.mark.parametrize("reason", ["AC01", "AC04", "AM04", "BE01", "XX99", ""])
def test_a_rejected_order_frees_the_money_and_names_the_reason(
    order: BankOrder, alice: User, tmp_path: Path, reason: str
) -> None:
    tell(order, tmp_path, "ACCP", "RJCT", reason=reason)
    assert payment_of(order).state == PaymentState.FAILED
    assert payment_of(order).failure_code.startswith("payout.")
    assert available(alice) == 500_00
    assert case_kinds() == []
    prove_the_books()


@pytest.mark.parametrize("version", ["pain.002.001.03", "pain.002.001.12"])
def test_both_versions_are_taken(order: BankOrder, tmp_path: Path, version: str) -> None:
    content = report(order, "ACSC").replace(b"pain.002.001.12", version.encode())
    taken_in(content, tmp_path)
    assert fresh(order).state == OrderState.SETTLED


@pytest.mark.parametrize(
    ("codes", "end", "cases"),
    [
        (("ACSC", "ACSC", "ACSC"), "settled", []),
        (("RJCT", "RJCT"), "refused", []),
        (("ACSC", "RJCT"), "settled", ["status_backward"]),
        (("RJCT", "ACSC"), "refused", ["status_backward"]),
        (("ACSC", "PDNG"), "settled", ["status_backward"]),
        (("RJCT", "ACCP"), "refused", ["status_backward"]),
        (("ACSP", "PDNG", "ACCP", "ACSC"), "settled", []),
        (("XXXX",), "sent", ["status_unclear"]),
        (("PART",), "sent", ["status_unclear"]),
    ],
)
def test_the_first_final_answer_stands_and_another_one_is_a_case(
    order: BankOrder,
    alice: User,
    tmp_path: Path,
    codes: tuple[str, ...],
    end: str,
    cases: list[str],
) -> None:
    tell(order, tmp_path, *codes)
    assert fresh(order).state == end
    assert case_kinds() == cases
    assert available(alice) == (500_00 if end == "refused" else 380_00)
    prove_the_books()


def test_a_final_answer_taken_back_puts_the_whole_amount_at_risk(
    order: BankOrder, tmp_path: Path
) -> None:
    tell(order, tmp_path, "RJCT", "ACSC")
    case = ReconciliationCase.objects.get()
    assert (case.at_risk_minor, case.order) == (120_00, order)
    assert case.facts["state_before"] == "refused"


def test_a_group_answer_counts_for_every_order_that_is_not_named(
    alice: User, card: LinkedCard, tmp_path: Path
) -> None:
    first, second, third = (handed_over(alice, card, amount) for amount in (10_00, 20_00, 30_00))
    write_due_files()
    original = BankFile.objects.get()
    named = [OrderStatus(second.reference, Status("RJCT", "AC01"))]
    told = StatusReport(
        "S1", original.message_id, PAIN_001, Status("ACSP"), 3, 60_00,
        [PaymentStatus(original.message_id, Status("ACSC"), named)],
    )  # fmt: skip
    taken_in(build_status_report(told, created_at=timezone.now()), tmp_path)
    states = [fresh(order).state for order in (first, second, third)]
    assert states == ["settled", "refused", "settled"]
    assert available(alice) == 460_00
    assert case_kinds() == []
    prove_the_books()


def test_a_payment_repeated_with_different_words_counts_for_the_listed_orders_only(
    alice: User, card: LinkedCard, tmp_path: Path
) -> None:
    orders = [handed_over(alice, card, amount) for amount in (10_00, 20_00, 30_00)]
    write_due_files()
    original = BankFile.objects.get()
    payments = [
        PaymentStatus(
            original.message_id, Status(code), [OrderStatus(each.reference, Status(code))]
        )
        for each, code in zip(orders, ("ACSC", "RJCT"), strict=False)
    ]
    taken_in(report(orders[0], payments=payments), tmp_path)
    assert [fresh(order).state for order in orders] == ["settled", "refused", "sent"]
    assert case_kinds() == []


def test_partly_says_nothing_of_orders_that_are_not_named(
    alice: User, card: LinkedCard, tmp_path: Path
) -> None:
    first, second = handed_over(alice, card, 10_00), handed_over(alice, card, 20_00)
    write_due_files()
    taken_in(report(first, "ACSC", group="PART"), tmp_path)
    assert [fresh(order).state for order in (first, second)] == ["settled", "sent"]


def test_refused_because_it_is_known_already_ends_nothing(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    tell(order, tmp_path, "RJCT", reason="AM05")
    assert case_kinds() == ["status_unclear"]
    assert fresh(order).state == OrderState.SENT
    assert available(alice) == 380_00
    tell(order, tmp_path, "ACCP", "ACSC")
    assert fresh(order).state == OrderState.SETTLED
    prove_the_books()


def test_a_report_that_contradicts_itself_changes_nothing(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    taken_in(report(order, "ACSC", group="RJCT"), tmp_path)
    original = BankFile.objects.get(direction="out")
    twice = [OrderStatus(order.reference, Status(code)) for code in ("RJCT", "ACSC")]
    told = report(
        order, message_id="S2", payments=[PaymentStatus(original.message_id, Status(), twice)]
    )
    taken_in(told, tmp_path, "two.xml")
    assert fresh(order).state == OrderState.SENT
    assert set(case_kinds()) == {"status_unclear"}
    assert available(alice) == 380_00


def test_an_order_that_is_not_in_the_file_is_a_case(
    order: BankOrder, alice: User, card: LinkedCard, tmp_path: Path
) -> None:
    other = sent_out(alice, card, 30_00)
    original = BankFile.objects.get(orders__reference=order.reference)
    for number, reference in enumerate((other.reference, "W-NOBODY")):
        strange = [OrderStatus(reference, Status("RJCT", "AC01"))]
        payments = [PaymentStatus(original.message_id, Status(), strange)]
        content = report(order, message_id=f"S{number}", payments=payments)
        taken_in(content, tmp_path, f"{number}.xml")
    assert case_kinds() == ["unknown_order", "unknown_order"]
    assert fresh(other).state == OrderState.SENT
    assert available(alice) == 350_00


@pytest.mark.parametrize(
    "changes",
    [
        {"original_message_id": "W-NOT-OURS"},
        {"original_kind": "pain.008.001.02"},
        {"original_count": 2},
        {"original_sum_minor": 120_01},
    ],
)
def test_a_report_about_another_file_is_refused_as_a_whole(
    order: BankOrder, alice: User, tmp_path: Path, changes: dict[str, Any]
) -> None:
    result = taken_in(report(order, "RJCT", "AC04", **changes), tmp_path)
    assert result.is_refused
    assert fresh(order).state == OrderState.SENT
    assert case_kinds() == ["file_refused"]
    assert available(alice) == 380_00


def test_what_is_said_of_a_payment_that_we_did_not_order_counts_for_nobody(
    order: BankOrder, tmp_path: Path
) -> None:
    strange = [PaymentStatus("OTHER", Status("RJCT", "AC04"))]
    taken_in(report(order, payments=strange), tmp_path, "a.xml")
    assert case_kinds() == ["unknown_order"]
    assert fresh(order).state == OrderState.SENT
    # An order is ours by its file and its own reference, whatever its PmtInf is called.
    named = [PaymentStatus("OTHER", Status(), [OrderStatus(order.reference, Status("ACSC"))])]
    taken_in(report(order, payments=named, message_id="S2"), tmp_path, "b.xml")
    assert fresh(order).state == OrderState.SETTLED


@pytest.mark.parametrize(
    ("told", "kind"),
    [
        ('<Amt><InstdAmt Ccy="CNY">120.01</InstdAmt></Amt>', "amount_differs"),
        ('<Amt><InstdAmt Ccy="USD">120.00</InstdAmt></Amt>', "amount_differs"),
        (
            "<CdtrAcct><Id><Othr><Id>6210990000000021</Id></Othr></Id></CdtrAcct>",
            "creditor_differs",
        ),
    ],
)
def test_an_answer_about_another_amount_or_account_changes_nothing(
    order: BankOrder, tmp_path: Path, told: str, kind: str
) -> None:
    content = report(order, "ACSC").replace(
        b"</TxInfAndSts>", f"<OrgnlTxRef>{told}</OrgnlTxRef></TxInfAndSts>".encode()
    )
    assert not taken_in(content, tmp_path).is_refused
    assert fresh(order).state == OrderState.SENT
    assert case_kinds() == [kind]
