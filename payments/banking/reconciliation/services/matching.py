"""What a row of a statement means for our orders: decided once, row by row, each in its own
transaction. Whatever fits no order exactly is a case; nothing is booked on a guess.

The one writer of `EntryOutcome`. Its constraints decide between importers: one booking and one
return for an order and kind of message.
"""

from __future__ import annotations

import logging
import re

from django.db import IntegrityError
from django.db.models import Exists, OuterRef, QuerySet
from django.utils import timezone

from payments.banking.clearing import advance_order
from payments.banking.models import BankOrder
from payments.banking.reconciliation.models import (
    EntryOutcome,
    FileOrder,
    StatementEntry,
)
from payments.banking.reconciliation.selectors import (
    files_to_work_out,
    find_order_by_bank_reference,
    find_order_by_reference,
    list_unheard_references,
    list_waiting_entry_ids,
    read_details,
)
from payments.banking.reconciliation.services.cases import open_case, seen_again
from payments.banking.reconciliation.services.orders import (
    is_other_account,
    may_move,
    move_order,
    wake_order,
)
from payments.banking.reconciliation.services.returns import give_back_returned
from payments.banking.reconciliation.states import CaseKind, EntryResult, FileOrderState
from payments.banking.states import PAID_STATES, OrderKind, OrderState
from payments.processing.retries import in_one_transaction

logger = logging.getLogger(__name__)

_WORD = re.compile(r"[0-9A-Za-z-]{8,35}")
_GIVEN_BACK = (EntryResult.RETURNED, EntryResult.PARKED)


class _NotYet(Exception):
    """The row cannot be decided now; the next run tries again."""


def finish_what_waits() -> int:
    """Decide every row that waits and tell the bank orders what was said of them; how many rows.

    Again is harmless. A row or an order that fails does not hold up the others. Outside every
    transaction.
    """
    tell_orders()
    done = 0
    for entry_id in list_waiting_entry_ids():
        try:
            done += decide_entry(entry_id=entry_id)
        except Exception:
            logger.exception("row %s of a bank statement could not be decided", entry_id)
    _close_files()
    tell_orders()
    return done


def _close_files() -> None:
    """Files whose last row is decided need not be looked at again."""
    waiting = StatementEntry.objects.filter(statement__file=OuterRef("pk"), outcome=None)
    files_to_work_out().filter(~Exists(waiting)).update(worked_out_at=timezone.now())


def tell_orders() -> None:
    """Let every bank order whose final answer stands in the files hear of it now."""
    for reference in list_unheard_references():
        _tell(reference)


def _tell(reference: str) -> None:
    order_id = wake_order(reference=reference)
    if order_id is None:
        return
    try:
        advance_order(order_id=order_id)
    except Exception:
        # Its claim runs out, and the sweep of bank orders tries again.
        logger.exception("bank order %s could not be advanced", reference)


def decide_entry(*, entry_id: int) -> bool:
    """Decide one row; whether it is decided now. Outside every transaction."""
    try:
        result = in_one_transaction(lambda: _decide_locked(entry_id))
    except IntegrityError:
        # Another row for the same order was decided in this moment: look again.
        result = in_one_transaction(lambda: _decide_locked(entry_id))
    except _NotYet:
        return False
    if result.result == EntryResult.MATCHED and result.order is not None:
        _tell(result.order.reference)
    return True


def _decide_locked(entry_id: int) -> EntryOutcome:
    entry = (
        StatementEntry.objects.select_for_update(of=("self",), no_key=True)
        .select_related("statement__file")
        .get(pk=entry_id)
    )
    decided = EntryOutcome.objects.filter(entry=entry).select_related("order").first()
    if decided is not None:
        return decided
    if not entry.is_booked:
        return _outcome(entry, EntryResult.NOT_BOOKED)
    found = _find_order(entry)
    if found is None:
        return _told_before(entry) or _case(entry, _unmatched(entry))
    order = BankOrder.objects.select_for_update(no_key=True).get(pk=found.pk)
    fault = _fault(entry, order)
    if fault is not None:
        return _case(entry, fault, order)
    if entry.direction == "credit" and order.kind != OrderKind.COLLECT:
        return _returned(entry, order)
    return _matched(entry, order)


def _told_before(entry: StatementEntry) -> EntryOutcome | None:
    """A notice told of this money, and now the statement does: it is one case, not two."""
    if not entry.bank_reference:
        return None
    told = (
        EntryOutcome.objects.filter(
            entry__bank_reference=entry.bank_reference,
            entry__direction=entry.direction,
            entry__amount_minor=entry.amount_minor,
            case__kind__in=(CaseKind.UNMATCHED_CREDIT, CaseKind.UNMATCHED_DEBIT),
        )
        .exclude(kind=entry.statement.kind)
        .select_related("case")
        .order_by("pk")
        .first()
    )
    if told is None or told.case is None or not _is_first_of_its_kind(entry):
        return None
    seen_again(
        case=told.case,
        where=f"{entry.statement.kind} {entry.statement.identification}, {entry.number}",
    )
    return EntryOutcome.objects.create(
        entry=entry, kind=entry.statement.kind, result=EntryResult.CASE, case=told.case
    )


def _unmatched(entry: StatementEntry) -> CaseKind:
    """Money that belongs to no order; or the same row of the bank once more."""
    if not _is_first_of_its_kind(entry):
        return CaseKind.DUPLICATE_ENTRY
    is_credit = entry.direction == "credit"
    return CaseKind.UNMATCHED_CREDIT if is_credit else CaseKind.UNMATCHED_DEBIT


def _is_first_of_its_kind(entry: StatementEntry) -> bool:
    """Whether no earlier row of such a message has the same reference of the bank."""
    if not entry.bank_reference:
        return True
    same = StatementEntry.objects.filter(
        bank_reference=entry.bank_reference,
        direction=entry.direction,
        amount_minor=entry.amount_minor,
        statement__kind=entry.statement.kind,
        is_booked=True,
    )
    return not same.filter(pk__lt=entry.pk).exists()


def _find_order(entry: StatementEntry) -> BankOrder | None:
    """By its reference; else, when the row carries none, by the bank's reference, or by a word of
    the remittance text."""
    if entry.end_to_end_id:
        return find_order_by_reference(entry.end_to_end_id)
    by_bank = find_order_by_bank_reference(entry.bank_reference)
    if by_bank is not None:
        return by_bank
    words = set(_WORD.findall(read_details(entry)["remittance"]))
    found = [order for word in sorted(words) if (order := find_order_by_reference(word))]
    return found[0] if len(found) == 1 else None


def _fault(entry: StatementEntry, order: BankOrder) -> CaseKind | None:
    """Why the row is not simply what the order asked for; None when it is, or its return."""
    is_ours_out = order.kind != OrderKind.COLLECT
    if (entry.amount_minor, entry.currency) != (order.amount_minor, order.currency):
        return CaseKind.AMOUNT_DIFFERS
    if is_ours_out == (entry.direction == "credit") and not (is_ours_out and entry.is_return):
        return CaseKind.DIRECTION_DIFFERS
    if entry.direction == "credit" and is_ours_out:
        return _fault_of_return(entry, order)
    if entry.is_return:
        return CaseKind.RETURN_UNCLEAR
    if _outcomes(entry, order).filter(result=EntryResult.MATCHED).exists():
        return CaseKind.DUPLICATE_ENTRY
    if order.state == OrderState.REFUSED:
        return CaseKind.PAID_AFTER_REFUSAL
    return _fault_in_files(entry, order)


def _fault_of_return(entry: StatementEntry, order: BankOrder) -> CaseKind | None:
    if _outcomes(entry, order).filter(result__in=_GIVEN_BACK).exists():
        return CaseKind.DUPLICATE_ENTRY
    if order.state in PAID_STATES:
        return None
    file_order = FileOrder.objects.filter(reference=order.reference).first()
    if file_order is not None and file_order.state == FileOrderState.SETTLED:
        # Settled in the files, and the bank order is about to hear of it.
        raise _NotYet
    return CaseKind.RETURN_UNCLEAR


def _fault_in_files(entry: StatementEntry, order: BankOrder) -> CaseKind | None:
    """What the file rail knows of the order speaks against the row."""
    file_order = FileOrder.objects.filter(reference=order.reference).first()
    if file_order is None:
        return None
    is_out = order.kind != OrderKind.COLLECT
    if is_out and is_other_account(entry=entry, order=file_order):
        return CaseKind.CREDITOR_DIFFERS
    if file_order.state == FileOrderState.REFUSED:
        return CaseKind.PAID_AFTER_REFUSAL
    # One that still waits for its file was sent before a backup that was restored since: settled
    # now, it is never sent again.
    return None


def _outcomes(entry: StatementEntry, order: BankOrder) -> QuerySet[EntryOutcome]:
    return EntryOutcome.objects.filter(order=order, kind=entry.statement.kind)


def _matched(entry: StatementEntry, order: BankOrder) -> EntryOutcome:
    """A booked row is a final answer: the order's rail says "settled" from now on."""
    file_order = (
        FileOrder.objects.select_for_update(of=("self",)).filter(reference=order.reference).first()
    )
    if file_order is not None and may_move(file_order, FileOrderState.SETTLED):
        move_order(
            file_order,
            FileOrderState.SETTLED,
            said=f"booked, {entry.statement.kind}",
            bank_reference=entry.bank_reference,
            file=entry.statement.file,
        )
    return _outcome(entry, EntryResult.MATCHED, order)


def _returned(entry: StatementEntry, order: BankOrder) -> EntryOutcome:
    if EntryOutcome.objects.filter(order=order, result__in=_GIVEN_BACK).exists():
        # Told by a notice before; the statement confirms it.
        return _outcome(entry, EntryResult.RETURNED, order)
    file_order = (
        FileOrder.objects.select_for_update(of=("self",)).filter(reference=order.reference).first()
    )
    if file_order is not None and may_move(file_order, FileOrderState.RETURNED):
        move_order(
            file_order,
            FileOrderState.RETURNED,
            said=f"returned, {entry.statement.kind}",
            reason=entry.return_reason,
            file=entry.statement.file,
        )
    if give_back_returned(order=order, reason=entry.return_reason):
        return _outcome(entry, EntryResult.RETURNED, order)
    # A payment case is open: staff find it in that queue.
    return _outcome(entry, EntryResult.PARKED, order)


def _outcome(
    entry: StatementEntry, result: EntryResult, order: BankOrder | None = None
) -> EntryOutcome:
    return EntryOutcome.objects.create(
        entry=entry, kind=entry.statement.kind, result=result, order=order
    )


def _case(
    entry: StatementEntry,
    kind: CaseKind,
    order: BankOrder | None = None,
) -> EntryOutcome:
    differs = kind == CaseKind.AMOUNT_DIFFERS and order is not None
    case = open_case(
        key=f"entry:{entry.pk}",
        kind=kind,
        facts={
            "message": entry.statement.kind,
            "statement": entry.statement.identification,
            "row": entry.number,
            "direction": entry.direction,
            "amount_minor": entry.amount_minor,
            "ordered_minor": order.amount_minor if order is not None else None,
            "booked_on": entry.booked_on.isoformat() if entry.booked_on else None,
            "reference": entry.end_to_end_id,
            "bank_reference": entry.bank_reference,
            "return_reason": entry.return_reason,
            "order_state": order.state if order is not None else None,
        },
        at_risk_minor=entry.amount_minor - order.amount_minor
        if differs and order is not None
        else entry.amount_minor,
        currency=entry.currency,
        file=entry.statement.file,
        order=order,
    )
    return EntryOutcome.objects.create(
        entry=entry, kind=entry.statement.kind, result=EntryResult.CASE, order=order, case=case
    )
