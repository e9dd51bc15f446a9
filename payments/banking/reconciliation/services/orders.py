"""The file rail's own record of an order: taken in once, moved by what files say."""

from __future__ import annotations

import json
from datetime import date, datetime

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from accounts.identity.vault import blind_indexes, decrypt, encrypt
from payments.banking.models import BankOrder
from payments.banking.rails.base import Instruction
from payments.banking.rails.iso20022.credit_transfers import (
    Batch,
    CreditTransfer,
    Party,
    build_credit_transfers,
)
from payments.banking.reconciliation.models import (
    BankFile,
    FileOrder,
    FileOrderStep,
    StatementEntry,
)
from payments.banking.reconciliation.states import (
    FILE_ORDER_TRANSITIONS,
    FINAL_ORDER_STATES,
    FileOrderState,
)
from payments.banking.states import OPEN_STATES, OrderKind

COLLECT = str(OrderKind.COLLECT)


def take_order(*, instruction: Instruction) -> FileOrder:
    """The order with this reference, taken in now if it is new.

    An order that no valid file could carry is not taken in: raises DocumentRefused. Whether a
    known one has the same content is the caller's to ask (`is_same_order`).
    """
    known = FileOrder.objects.filter(reference=instruction.reference).first()
    if known is not None:
        return known
    if instruction.direction != COLLECT:
        check_writable(instruction=instruction)
    payee = {"name": instruction.payee_name, "account": instruction.card_number}
    with transaction.atomic():
        order, _is_new = FileOrder.objects.get_or_create(
            reference=instruction.reference,
            defaults={
                "direction": instruction.direction,
                "payee_token": encrypt(json.dumps(payee, ensure_ascii=False)),
                "account_index": account_index(instruction.card_number),
                "last4": instruction.card_number[-4:],
                "clearing_code": instruction.clearing_code,
                "amount_minor": instruction.amount_minor,
                "currency": instruction.currency,
            },
        )
    return order


def is_same_order(*, order: FileOrder, instruction: Instruction) -> bool:
    """Whether a known order is what the instruction says."""
    return order.account_index in account_indexes(instruction.card_number) and (
        (order.direction, order.amount_minor, order.currency)
        == (instruction.direction, instruction.amount_minor, instruction.currency)
    )


def check_writable(*, instruction: Instruction) -> None:
    """Raise DocumentRefused unless a file with this order alone is valid: one order that cannot
    be written must not hold up a batch."""
    transfer = CreditTransfer(
        end_to_end_id=instruction.reference,
        amount_minor=instruction.amount_minor,
        currency=instruction.currency,
        creditor=Party(instruction.payee_name, instruction.card_number, instruction.clearing_code),
    )
    now = timezone.now()
    build_credit_transfers(
        new_batch(message_id="CHECK", now=now, execute_on=now.date(), transfers=[transfer])
    )


def new_batch(
    *, message_id: str, now: datetime, execute_on: date, transfers: list[CreditTransfer]
) -> Batch:
    """A batch that our own account pays."""
    files = settings.BANK_FILES
    return Batch(
        message_id=message_id,
        created_at=now,
        execute_on=execute_on,
        debtor=Party(files["account_name"], files["account"], files["clearing_code"]),
        transfers=transfers,
    )


def transfer_of(*, order: FileOrder) -> CreditTransfer:
    """The order in the words of the file; name and number are in clear here."""
    payee = json.loads(decrypt(order.payee_token))
    return CreditTransfer(
        end_to_end_id=order.reference,
        amount_minor=order.amount_minor,
        currency=order.currency,
        creditor=Party(payee["name"], payee["account"], order.clearing_code),
    )


def account_index(number: str) -> str:
    """A blind index of an account number, to compare without keeping it; "" for one that the
    bank has masked (6210****0013), which cannot be compared."""
    return next(iter(account_indexes(number)), "")


def account_indexes(number: str) -> list[str]:
    """The same under every accepted key, the newest first."""
    digits = "".join(number.split()).upper()
    return blind_indexes(f"bank account|{digits}") if digits.isalnum() else []


def is_other_account(*, entry: StatementEntry, order: FileOrder) -> bool:
    """Whether a row names an account that is not the order's; a masked one says nothing."""
    if entry.account_index in ("", order.account_index):
        return False
    # Written under two index keys, equal numbers differ: the numbers decide.
    said, ours = (json.loads(decrypt(each)) for each in (entry.details_token, order.payee_token))
    return account_index(said["account"]) != account_index(ours["account"])


def may_move(order: FileOrder, to_state: FileOrderState) -> bool:
    """Whether the table has this step."""
    return to_state in FILE_ORDER_TRANSITIONS[FileOrderState(order.state)]


def move_order(
    order: FileOrder,
    to_state: FileOrderState,
    *,
    said: str,
    reason: str = "",
    bank_reference: str = "",
    file: BankFile | None = None,
) -> None:
    """The only writer of `FileOrder.state`: row and step. Call under the order's row lock.

    Raises ValueError for a step that is not in the table.
    """
    if not may_move(order, to_state):
        raise ValueError(f"{order.state} -> {to_state} is not a way for an order in a file")
    from_state, order.state = order.state, to_state
    order.reason = reason[:40] or order.reason
    order.bank_reference = bank_reference or order.bank_reference
    if to_state in FINAL_ORDER_STATES and order.answered_at is None:
        order.answered_at = timezone.now()
    order.save(update_fields=["state", "reason", "bank_reference", "answered_at"])
    FileOrderStep.objects.create(
        order=order,
        from_state=from_state,
        to_state=to_state,
        said=said[:40],
        reason=reason[:40],
        file=file,
    )


def wake_order(*, reference: str) -> int | None:
    """Let the bank order with this reference ask its rail now; its id, or None when it is final.

    A wake-up that is lost costs nothing: the sweep wakes whoever still waits.
    """
    order = BankOrder.objects.filter(reference=reference, state__in=OPEN_STATES).first()
    if order is None:
        return None
    BankOrder.objects.filter(pk=order.pk, state__in=OPEN_STATES).update(next_at=timezone.now())
    return order.pk
