"""The sandbox bank, speaking files: reads pain.001, writes pain.002 and camt.053.

What becomes of an order is chosen by the amount's last two digits, as at the other sandbox rail;
what is wrong with a whole file is chosen by name (`FAULTS`). See docs/how-to/bank-files.md.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Collection, Iterator
from dataclasses import dataclass, replace
from datetime import datetime
from pathlib import Path
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.identity.vault import decrypt, encrypt
from payments.banking.models import SandboxBankOrder
from payments.banking.rails.iso20022.credit_transfers import (
    Batch,
    CreditTransfer,
    read_credit_transfers,
)
from payments.banking.rails.iso20022.documents import CAMT_053, PAIN_001, read_document
from payments.banking.rails.iso20022.statement_writing import build_statement
from payments.banking.rails.iso20022.statements import CREDIT, DEBIT, Row, Statement
from payments.banking.rails.iso20022.status_reports import (
    OrderStatus,
    PaymentStatus,
    Status,
    StatusReport,
    build_status_report,
)
from payments.banking.rails.sandbox import (
    ANSWER_LOST,
    ORDER_LOST,
    REFUSED_BY_AMOUNT,
    REFUSED_BY_CARD,
    RETURNED,
)
from payments.banking.reconciliation.folders import move_away, write_whole_file
from payments.banking.reconciliation.models import SandboxMovement, SandboxStatement

FAULTS = {
    "backward": "one more answer that takes a final one back",
    "cut-file": "the statement is cut in half",
    "duplicate-rows": "the last payment stands on the statement twice, and counts twice",
    "gap": "a statement number is left out",
    "reject-all": "the whole file is refused",
    "unknown-entries": "a credit and a debit that nobody ordered",
    "wrong-account": "the statement is of another account",
    "wrong-totals": "the closing balance does not add up",
}
# A bank of files answers once a day: whoever is late is a day late.
LATE = frozenset({9, 19, 91, 96})
_AGAIN = "-D"


@dataclass(frozen=True, slots=True)
class Decision:
    """What the bank does with an order: answers `status` ("" says nothing), books it or not."""

    status: str
    reason: str = ""
    is_booked: bool = False
    is_late: bool = False
    return_reason: str = ""


def decide(transfer: CreditTransfer) -> Decision:
    """What the card, or the amount's last two digits, choose."""
    ending = transfer.amount_minor % 100
    reason = REFUSED_BY_CARD.get(
        transfer.creditor.account[-4:-1], REFUSED_BY_AMOUNT.get(ending, "")
    )
    if reason:
        return Decision("RJCT", reason=reason[:4])
    if ending == ORDER_LOST:
        return Decision("")
    if ending == ANSWER_LOST:
        return Decision("", is_booked=True)
    if ending in LATE:
        return Decision("PDNG", is_booked=True, is_late=True)
    return Decision("ACSC", is_booked=True, return_reason=RETURNED.get(ending, ""))


def run_bank(*, faults: Collection[str] = (), opening_minor: int | None = None) -> list[Path]:
    """One day at the bank: take the files in, answer them, close the day with a statement.

    `opening_minor` is the balance before the very first statement. Again gives the next day.
    Returns the files it wrote.
    """
    outgoing = Path(settings.BANK_FILES["out"])
    written: list[Path] = []
    for path in sorted(outgoing.glob(f"*.{PAIN_001}.xml")):
        written += _answer_file(path, faults)
        move_away(path, folder=Path(settings.BANK_FILES["archive"]) / "taken", name=path.name)
    return [*written, _close_day(faults, opening_minor)]


def _answer_file(path: Path, faults: Collection[str]) -> Iterator[Path]:
    document = read_document(
        path.read_bytes(), accepted=[PAIN_001], most_bytes=settings.BANK_FILES["most_bytes"]
    )
    batch = read_credit_transfers(document)
    number = SandboxStatement.objects.count() + 1
    if "reject-all" in faults:
        yield _write_report(batch, Status("RJCT", "AM04"), [])
        return
    orders = []
    with transaction.atomic():
        for transfer in batch.transfers:
            decision = decide(transfer)
            if decision.status:
                status = Status(decision.status, decision.reason)
                orders.append(
                    OrderStatus(transfer.end_to_end_id, status, _bank_reference(transfer))
                )
            if decision.is_booked:
                _move(transfer, decision, number)
    yield _write_report(batch, _group(orders, batch), orders)
    if "backward" in faults:
        back = [replace(order, status=Status("PDNG")) for order in orders]
        yield _write_report(batch, Status("PART"), back, "B")


def _group(orders: list[OrderStatus], batch: Batch) -> Status:
    codes = {order.status.code for order in orders}
    is_whole = len(codes) == 1 and len(orders) == len(batch.transfers)
    return Status(codes.pop()) if is_whole else Status("PART")


def _bank_reference(transfer: CreditTransfer) -> str:
    return "SB" + hashlib.sha256(transfer.end_to_end_id.encode()).hexdigest()[:16].upper()


def _move(transfer: CreditTransfer, decision: Decision, number: int) -> None:
    """Remember what will stand on the statements; the same order again moves nothing."""
    other = {"name": transfer.creditor.name, "account": transfer.creditor.account}
    facts = {
        "end_to_end_id": transfer.end_to_end_id,
        "amount_minor": transfer.amount_minor,
        "currency": transfer.currency,
        "account_token": encrypt(json.dumps(other, ensure_ascii=False)),
    }
    reference = _bank_reference(transfer)
    SandboxMovement.objects.get_or_create(
        bank_reference=reference,
        defaults={**facts, "direction": DEBIT, "not_before": number + decision.is_late},
    )
    if decision.return_reason:
        SandboxMovement.objects.get_or_create(
            bank_reference=f"{reference}-R",
            defaults={
                **facts,
                "direction": CREDIT,
                "is_return": True,
                "reason": decision.return_reason,
                "not_before": number + 1,
            },
        )


def _write_report(batch: Batch, group: Status, orders: list[OrderStatus], suffix: str = "") -> Path:
    report = StatusReport(
        message_id=f"S{hashlib.sha256(batch.message_id.encode()).hexdigest()[:20]}{suffix}",
        original_message_id=batch.message_id,
        original_kind=PAIN_001,
        group=group,
        original_count=len(batch.transfers),
        payments=[PaymentStatus(batch.message_id, Status(), orders)] if orders else [],
    )
    content = build_status_report(report, created_at=timezone.now())
    return _write(f"{report.message_id}.pain.002.xml", content)


def _close_day(faults: Collection[str], opening_minor: int | None) -> Path:
    """Write the statement of everything that moved since the last one."""
    now = timezone.now()
    with transaction.atomic():
        last = SandboxStatement.objects.order_by("number").last()
        number = (last.number if last else 0) + 1 + ("gap" in faults)
        _remember_other_rail()
        if "duplicate-rows" in faults:
            _add_duplicate(number)
        if "unknown-entries" in faults:
            _add_unknown(number)
        waiting = list(
            SandboxMovement.objects.filter(statement=None, not_before__lte=number).order_by("pk")
        )
        opening = last.closing_minor if last else opening_minor or 0
        rows = [_row(position, each, now) for position, each in enumerate(waiting, 1)]
        statement = SandboxStatement.objects.create(
            number=number,
            closing_minor=opening + sum(row.signed_minor for row in rows),
            closed_on=now.astimezone(ZoneInfo(settings.BANK_FILES["zone"])).date(),
        )
        SandboxMovement.objects.filter(pk__in=[each.pk for each in waiting]).update(
            statement=statement
        )
    return _write_statement(statement, opening, rows, faults, now)


def _write_statement(
    statement: SandboxStatement,
    opening_minor: int,
    rows: list[Row],
    faults: Collection[str],
    now: datetime,
) -> Path:
    content = build_statement(
        Statement(
            kind=CAMT_053,
            identification=f"SBST{statement.closed_on:%Y%m%d}-{statement.number}",
            account="1" if "wrong-account" in faults else settings.BANK_FILES["account"],
            currency=settings.WALLET_CURRENCY,
            rows=rows,
            sequence=statement.number,
            opening_minor=opening_minor,
            closing_minor=statement.closing_minor + 1_00 * ("wrong-totals" in faults),
            closed_on=statement.closed_on,
        ),
        message_id=f"SBMSG{statement.number}",
        created_at=now,
    )
    if "cut-file" in faults:
        content = content[: len(content) // 2]
    return _write(f"statement-{statement.number:06d}.{CAMT_053}.xml", content)


def _row(number: int, movement: SandboxMovement, now: datetime) -> Row:
    other = json.loads(decrypt(movement.account_token)) if movement.account_token else {}
    return Row(
        number=number,
        direction=movement.direction,
        amount_minor=movement.amount_minor,
        currency=movement.currency,
        is_booked=True,
        is_return=movement.is_return,
        return_reason=movement.reason,
        end_to_end_id=movement.end_to_end_id,
        bank_reference=movement.bank_reference.removesuffix(_AGAIN),
        booked_on=now.astimezone(ZoneInfo(settings.BANK_FILES["zone"])).date(),
        other_name=other.get("name", ""),
        other_account=other.get("account", ""),
    )


def _remember_other_rail() -> None:
    """What the sandbox bank settled without files moves on the same account."""
    now = timezone.now()
    known = SandboxMovement.objects.values("bank_reference")
    settled = SandboxBankOrder.objects.filter(
        refusal="", is_lost=False, decides_at__lte=now
    ).exclude(trick__in=("then_refused", "wrong_amount"))
    for order in settled.exclude(bank_reference__in=known).order_by("pk"):
        _remember(order, order.bank_reference, is_return=False)
    for order in settled.filter(returns_at__lte=now).order_by("pk"):
        _remember(order, f"{order.bank_reference}-R", is_return=True)


def _remember(order: SandboxBankOrder, bank_reference: str, *, is_return: bool) -> None:
    is_credit = is_return or order.direction == "collect"
    SandboxMovement.objects.get_or_create(
        bank_reference=bank_reference,
        defaults={
            "end_to_end_id": order.reference,
            "direction": CREDIT if is_credit else DEBIT,
            "amount_minor": order.amount_minor,
            "currency": order.currency,
            "is_return": is_return,
            "reason": RETURNED.get(order.amount_minor % 100, "") if is_return else "",
        },
    )


def _add_unknown(number: int) -> None:
    other = encrypt(json.dumps({"name": "无名氏", "account": "6230000000000000"}))
    for direction, amount_minor in ((CREDIT, 12_34), (DEBIT, 5_67)):
        SandboxMovement.objects.create(
            bank_reference=f"SBX{number}-{direction}",
            end_to_end_id="" if direction == CREDIT else f"NOBODY-{number}",
            direction=direction,
            amount_minor=amount_minor,
            currency=settings.WALLET_CURRENCY,
            account_token=other,
        )


def _add_duplicate(number: int) -> None:
    last = SandboxMovement.objects.filter(
        statement=None, direction=DEBIT, not_before__lte=number
    ).last()
    if last is not None:
        last.pk, last.bank_reference = None, last.bank_reference + _AGAIN
        last.save(force_insert=True)


def _write(name: str, content: bytes) -> Path:
    folder = Path(settings.BANK_FILES["in"])
    write_whole_file(folder=folder, name=name, content=content)
    return folder / name
