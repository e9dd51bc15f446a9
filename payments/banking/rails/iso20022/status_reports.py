"""pain.002: what the bank says about a batch, as a whole and order by order."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime

from payments.banking.rails.iso20022.documents import (
    PAIN_001,
    PAIN_002,
    Document,
    DocumentRefused,
    Element,
    account_of,
    amount_of,
    child,
    each,
    text,
)
from payments.banking.rails.iso20022.texts import amount_text, parse_amount
from payments.banking.rails.iso20022.writing import new_document, put, to_bytes


@dataclass(frozen=True, slots=True)
class Status:
    """A status code (ACSC, RJCT, ...) and the code of its reason; both "" when not given."""

    code: str = ""
    reason: str = ""


@dataclass(frozen=True, slots=True)
class OrderStatus:
    """What is said about one order. `account` is in clear: never log it."""

    end_to_end_id: str
    status: Status
    bank_reference: str = ""
    amount_minor: int | None = None
    currency: str = ""
    account: str = ""

    def __repr__(self) -> str:
        return f"OrderStatus({self.end_to_end_id}, {self.status})"


@dataclass(frozen=True, slots=True)
class PaymentStatus:
    """What is said about one PmtInf: on the whole, and of some of its orders."""

    info_id: str
    status: Status
    orders: Sequence[OrderStatus] = ()


@dataclass(frozen=True, slots=True)
class StatusReport:
    """The whole report. Counts and sums are those of the original file, None when not given."""

    message_id: str
    original_message_id: str
    original_kind: str
    group: Status
    original_count: int | None = None
    original_sum_minor: int | None = None
    payments: Sequence[PaymentStatus] = ()


def read_status_report(document: Document) -> StatusReport:
    """The report in a document that was read. Raises DocumentRefused("amount")."""
    group = child(document.body, "OrgnlGrpInfAndSts")
    count, total = text(group, "OrgnlNbOfTxs"), text(group, "OrgnlCtrlSum")
    try:
        total_minor = parse_amount(total) if total else None
    except ValueError:
        raise DocumentRefused("amount", "OrgnlCtrlSum") from None
    return StatusReport(
        message_id=text(document.body, "GrpHdr/MsgId"),
        original_message_id=text(group, "OrgnlMsgId"),
        original_kind=text(group, "OrgnlMsgNmId"),
        group=_status(group, "GrpSts"),
        original_count=int(count) if count else None,
        original_sum_minor=total_minor,
        payments=[
            PaymentStatus(
                info_id=text(payment, "OrgnlPmtInfId"),
                status=_status(payment, "PmtInfSts"),
                orders=[_order(info) for info in each(payment, "TxInfAndSts")],
            )
            for payment in each(document.body, "OrgnlPmtInfAndSts")
        ],
    )


def _status(element: Element, name: str) -> Status:
    reasons = [text(info, "Rsn/Cd") or text(info, "Rsn/Prtry") for info in _infos(element)]
    return Status(text(element, name), next(filter(None, reasons), ""))


def _infos(element: Element) -> Iterator[Element]:
    return each(element, "StsRsnInf")


def _order(info: Element) -> OrderStatus:
    found = child(info, "OrgnlTxRef/Amt/InstdAmt")
    amount_minor, currency = (None, "") if found is None else amount_of(found)
    return OrderStatus(
        end_to_end_id=text(info, "OrgnlEndToEndId") or text(info, "OrgnlInstrId"),
        status=_status(info, "TxSts"),
        bank_reference=text(info, "AcctSvcrRef"),
        amount_minor=amount_minor,
        currency=currency,
        account=account_of(info, "OrgnlTxRef/CdtrAcct"),
    )


def build_status_report(report: StatusReport, *, created_at: datetime) -> bytes:
    """The file of a report, as the simulated bank writes it."""
    document = new_document(PAIN_002, "CstmrPmtStsRpt")
    put(document.body, "GrpHdr/MsgId", report.message_id)
    put(child(document.body, "GrpHdr"), "CreDtTm", created_at.isoformat(timespec="seconds"))
    group = put(document.body, "OrgnlGrpInfAndSts")
    put(group, "OrgnlMsgId", report.original_message_id)
    put(group, "OrgnlMsgNmId", report.original_kind or PAIN_001)
    if report.original_count is not None:
        put(group, "OrgnlNbOfTxs", str(report.original_count))
    if report.original_sum_minor is not None:
        put(group, "OrgnlCtrlSum", amount_text(report.original_sum_minor))
    _put_status(group, "GrpSts", report.group)
    for payment in report.payments:
        told = put(document.body, "OrgnlPmtInfAndSts")
        put(told, "OrgnlPmtInfId", payment.info_id)
        _put_status(told, "PmtInfSts", payment.status)
        for order in payment.orders:
            info = put(told, "TxInfAndSts")
            put(info, "OrgnlEndToEndId", order.end_to_end_id)
            _put_status(info, "TxSts", order.status)
            if order.bank_reference:
                put(info, "AcctSvcrRef", order.bank_reference)
    return to_bytes(document)


def _put_status(element: Element, name: str, status: Status) -> None:
    if status.code:
        put(element, name, status.code)
    if status.reason:
        put(element, "StsRsnInf/Rsn/Cd", status.reason)
