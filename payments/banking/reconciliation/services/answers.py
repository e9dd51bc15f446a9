"""What a pain.002 says about our orders. An answer after a final one is a case, never a change."""

from __future__ import annotations

from collections.abc import Iterator

from payments.banking.models import BankOrder
from payments.banking.rails.iso20022.codes import Meaning, meaning_of
from payments.banking.rails.iso20022.documents import DocumentRefused
from payments.banking.rails.iso20022.status_reports import OrderStatus, Status, StatusReport
from payments.banking.reasons import NOT_FINAL, read_reason
from payments.banking.reconciliation.models import BankFile, FileOrder
from payments.banking.reconciliation.services.cases import open_case
from payments.banking.reconciliation.services.orders import account_indexes, may_move, move_order
from payments.banking.reconciliation.states import (
    FINAL_ORDER_STATES,
    CaseKind,
    FileDirection,
    FileOrderState,
)

_STATE = {
    Meaning.ACCEPTED: FileOrderState.ACCEPTED,
    Meaning.SETTLED: FileOrderState.SETTLED,
    Meaning.REFUSED: FileOrderState.REFUSED,
}


def check_report(*, report: StatusReport) -> BankFile:
    """The file of ours that the report is about.

    Raises DocumentRefused with "original_unknown" or "original_differs" when it is about no file
    of ours, or about one with other counts and sums.
    """
    original = BankFile.objects.filter(
        direction=FileDirection.OUT, message_id=report.original_message_id
    ).first()
    if original is None:
        raise DocumentRefused("original_unknown", "OrgnlMsgId")
    if not report.original_kind.startswith("pain.001"):
        raise DocumentRefused("original_differs", "OrgnlMsgNmId")
    if report.original_count not in (None, original.row_count):
        raise DocumentRefused("original_differs", "OrgnlNbOfTxs")
    if report.original_sum_minor not in (None, original.total_minor):
        raise DocumentRefused("original_differs", "OrgnlCtrlSum")
    return original


def apply_report(*, report: StatusReport, original: BankFile, file: BankFile) -> None:
    """Write down what the report says of each order; in the transaction that takes the file in."""
    orders = {
        order.reference: order
        for order in FileOrder.objects.select_for_update(of=("self",))
        .filter(file=original)
        .order_by("pk")
    }
    told = list(_each_order(report, list(orders)))
    torn = _torn_references(told)
    for said in told:
        order = orders.get(said.end_to_end_id)
        if order is None:
            _case(file, said, None, CaseKind.UNKNOWN_ORDER)
        elif order.reference in torn:
            _case(file, said, order, CaseKind.STATUS_UNCLEAR)
        else:
            _apply(order, said, file, report.group)


def _torn_references(told: list[OrderStatus]) -> set[str]:
    """The orders of which one report says two different final things."""
    ends: dict[str, set[Meaning]] = {}
    for said in told:
        meaning = meaning_of(said.status.code)
        if meaning in (Meaning.SETTLED, Meaning.REFUSED):
            ends.setdefault(said.end_to_end_id, set()).add(meaning)
    return {reference for reference, meanings in ends.items() if len(meanings) > 1}


def _each_order(report: StatusReport, references: list[str]) -> Iterator[OrderStatus]:
    """What is said of each order: of itself, else of its PmtInf, else of the whole file.

    "Partly" says nothing of the orders that are not listed.
    """
    listed = set()
    said_of_all: list[Status] = []
    for payment in report.payments:
        # We write one PmtInf, named as its file; what is said of another one is said of nobody.
        is_ours = payment.info_id == report.original_message_id
        status = payment.status if is_ours else Status()
        if status.code:
            said_of_all.append(status)
        elif payment.status.code:
            yield OrderStatus("", payment.status)
        for order in payment.orders:
            listed.add(order.end_to_end_id)
            yield order if order.status.code else _with(order, status, report.group)
    whole = said_of_all[0] if said_of_all else report.group
    # "Partly", or one PmtInf with different words for it, speaks of the listed orders only.
    is_torn = len({status.code for status in said_of_all}) > 1
    is_partly = Meaning.PARTLY in (meaning_of(whole.code), meaning_of(report.group.code))
    if not whole.code or is_torn or is_partly:
        return
    for reference in references:
        if reference not in listed:
            yield OrderStatus(reference, whole)


def _with(order: OrderStatus, *statuses: Status) -> OrderStatus:
    status = next((each for each in statuses if each.code), Status())
    return OrderStatus(order.end_to_end_id, status, order.bank_reference)


def _apply(order: FileOrder, said: OrderStatus, file: BankFile, group: Status) -> None:
    meaning = meaning_of(said.status.code)
    to_state = _STATE.get(meaning)
    # "We know this order already" ends nothing: what became of the first one is the question.
    is_open_end = meaning is Meaning.REFUSED and read_reason(said.status.reason) in NOT_FINAL
    if to_state is None or is_open_end or _contradicts(meaning, group):
        _case(file, said, order, CaseKind.STATUS_UNCLEAR)
    elif said.amount_minor is not None and (said.amount_minor, said.currency) != (
        order.amount_minor,
        order.currency,
    ):
        _case(file, said, order, CaseKind.AMOUNT_DIFFERS)
    elif (named := account_indexes(said.account)) and order.account_index not in named:
        _case(file, said, order, CaseKind.CREDITOR_DIFFERS)
    elif to_state == order.state or _is_said_already(order, to_state):
        return
    elif may_move(order, to_state):
        move_order(
            order,
            to_state,
            said=said.status.code,
            reason=said.status.reason if meaning is Meaning.REFUSED else "",
            bank_reference=said.bank_reference,
            file=file,
        )
    else:
        _case(file, said, order, CaseKind.STATUS_BACKWARD)


def _contradicts(meaning: Meaning, group: Status) -> bool:
    """The whole file refused and one of its orders settled, or the other way round."""
    whole = meaning_of(group.code)
    return {meaning, whole} == {Meaning.REFUSED, Meaning.SETTLED}


def _is_said_already(order: FileOrder, to_state: FileOrderState) -> bool:
    """Settled said again of an order that has been returned since is nothing new."""
    return order.state == FileOrderState.RETURNED and to_state == FileOrderState.SETTLED


def _case(file: BankFile, said: OrderStatus, order: FileOrder | None, kind: CaseKind) -> None:
    is_final = order is not None and order.state in FINAL_ORDER_STATES
    at_risk = 0 if order is None else order.amount_minor
    open_case(
        key=f"answer:{file.pk}:{kind}:{said.end_to_end_id}",
        kind=kind,
        facts={
            "reference": said.end_to_end_id,
            "status": said.status.code,
            "reason_code": said.status.reason,
            "state_before": "" if order is None else order.state,
        },
        at_risk_minor=at_risk if is_final or kind != CaseKind.STATUS_BACKWARD else 0,
        currency="" if order is None else order.currency,
        file=file,
        order=BankOrder.objects.filter(reference=said.end_to_end_id).first(),
    )
