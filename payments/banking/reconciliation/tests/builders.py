"""Days at a bank that speaks files, and files that no good bank would write."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path
from typing import Any
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from accounts.users.models import User
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.rails.iso20022.documents import CAMT_053, PAIN_001
from payments.banking.rails.iso20022.statement_writing import build_statement
from payments.banking.rails.iso20022.statements import CREDIT, DEBIT, Row, Statement
from payments.banking.rails.iso20022.status_reports import (
    OrderStatus,
    PaymentStatus,
    Status,
    StatusReport,
    build_status_report,
)
from payments.banking.rails.sandbox_files import run_bank
from payments.banking.reconciliation.models import BankFile, ReconciliationCase
from payments.banking.reconciliation.services import (
    ImportResult,
    import_bank_file,
    write_due_files,
)
from payments.banking.reconciliation.tasks import sweep_folder
from payments.banking.tasks import advance_bank_orders
from payments.banking.tests.builders import withdrawn
from payments.processing.models import Payment
from payments.wallets.selectors import get_wallet_for, wallet_balance

FILE_RAIL = "payments.banking.rails.files.FileRail"
OPENING = 500_00


def sent_out(user: User, card: LinkedCard, amount_minor: int) -> BankOrder:
    """A withdrawal whose order lies in a file for the bank."""
    order = handed_over(user, card, amount_minor)
    write_due_files()
    return order


def handed_over(user: User, card: LinkedCard, amount_minor: int) -> BankOrder:
    """A withdrawal whose order waits for the next file."""
    payment = withdrawn(user, card, amount_minor)
    advance_bank_orders()
    return BankOrder.objects.get(payment=payment)


def bank_day(*faults: str) -> int:
    """The bank answers and closes its day, and we take its files in; how many."""
    run_bank(faults=faults, opening_minor=OPENING)
    return sweep_folder()


def fresh(order: BankOrder) -> BankOrder:
    """The order as it is now."""
    return BankOrder.objects.select_related("payment").get(pk=order.pk)


def payment_of(order: BankOrder) -> Payment:
    """Its payment as it is now."""
    return Payment.objects.get(pk=order.payment_id)


def available(user: User) -> int:
    """What is free in the wallet."""
    return wallet_balance(get_wallet_for(user)).available_minor


def case_kinds() -> list[str]:
    """The kinds of all cases, sorted."""
    return sorted(ReconciliationCase.objects.values_list("kind", flat=True))


def taken_in(content: bytes, tmp_path: Path, name: str = "file.xml") -> ImportResult:
    """Import these bytes."""
    path = tmp_path / name
    path.write_bytes(content)
    return import_bank_file(path=path)


def report(
    order: BankOrder,
    code: str = "",
    reason: str = "",
    *,
    group: str = "",
    message_id: str = "S1",
    **changes: Any,
) -> bytes:
    """A pain.002 about one order."""
    original = BankFile.objects.get(orders__reference=order.reference)
    orders = [OrderStatus(order.reference, Status(code, reason))] if code else []
    told = StatusReport(
        message_id=message_id,
        original_message_id=original.message_id,
        original_kind=PAIN_001,
        group=Status(group, reason if group and not code else ""),
        payments=[PaymentStatus(original.message_id, Status(), orders)] if orders else [],
    )
    return build_status_report(replace(told, **changes), created_at=timezone.now())


def row_of(order: BankOrder, number: int = 1, **changes: Any) -> Row:
    """The row that books an order, or something like it."""
    row = Row(
        number=number,
        direction=DEBIT,
        amount_minor=order.amount_minor,
        currency=order.currency,
        is_booked=True,
        end_to_end_id=order.reference,
        bank_reference=f"B{order.pk}",
        booked_on=timezone.now().date(),
    )
    return replace(row, **changes)


def return_of(order: BankOrder, number: int = 1, **changes: Any) -> Row:
    """The row that gives an order's money back."""
    facts = {"direction": CREDIT, "is_return": True, "return_reason": "AC04"}
    return row_of(order, number, **{**facts, "bank_reference": f"R{order.pk}", **changes})


def today() -> date:
    """The bank's day."""
    return timezone.now().astimezone(ZoneInfo(settings.BANK_FILES["zone"])).date()


def day_of(number: int) -> date:
    """The day of the statement with this number: all of them are past."""
    return today() + timedelta(days=number % 100 - 10)


def statement(
    rows: Sequence[Row],
    *,
    number: int = 1,
    opening: int = OPENING,
    off_by: int = 0,
    kind: str = CAMT_053,
    **changes: Any,
) -> bytes:
    """A statement of our account with these rows."""
    told = Statement(
        kind=kind,
        identification=f"ST{number}",
        account=settings.BANK_FILES["account"],
        currency="CNY",
        rows=rows,
        sequence=number,
        opening_minor=opening,
        closing_minor=opening + sum(row.signed_minor for row in rows if row.is_booked) + off_by,
        closed_on=day_of(number),
    )
    return build_statement(
        replace(told, **changes), message_id=f"M{number}", created_at=timezone.now()
    )


class Killed(BaseException):
    """The process died here."""


@contextmanager
def killed() -> Iterator[None]:
    """What runs inside ends like a process that was killed."""
    try:
        yield
    except Killed:
        return
    raise AssertionError("it was to die and did not")


def die(*args: Any, **kwargs: Any) -> Any:
    """For monkeypatching: the process dies at this call."""
    raise Killed
