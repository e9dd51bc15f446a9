"""Files to the bank: written down first, then put into the folder.

An order enters a file in the transaction that writes the file's row, by its state, so it is in
one file only. The folder comes after the commit: a crash in between leaves a row that the next
run puts there, the same bytes under the same name. Should the bank have taken the file already,
it sees the same message id again, which it must refuse (ISO 20022: MsgId is unique for ever).
"""

from __future__ import annotations

import hashlib
import logging
from datetime import datetime, timedelta
from pathlib import Path
from uuid import uuid4
from zoneinfo import ZoneInfo

from django.conf import settings
from django.db import connection
from django.utils import timezone

from accounts.identity.vault import decrypt, encrypt
from payments.banking.models import BankOrder
from payments.banking.rails.iso20022.credit_transfers import build_credit_transfers
from payments.banking.rails.iso20022.documents import PAIN_001
from payments.banking.reconciliation.folders import write_whole_file
from payments.banking.reconciliation.models import BankFile, FileOrder, FileOrderStep
from payments.banking.reconciliation.services.orders import (
    COLLECT,
    move_order,
    new_batch,
    transfer_of,
)
from payments.banking.reconciliation.states import FileDirection, FileOrderState, FileState
from payments.banking.states import OPEN_STATES, OrderState
from payments.processing.retries import in_one_transaction

logger = logging.getLogger(__name__)

CLOCK_SET_BACK = timedelta(seconds=60)


def write_due_files(*, wait_seconds: int | None = None) -> list[BankFile]:
    """Put every file that is due into the folder; those that were put there.

    A file is due when its oldest order has waited `wait_seconds` (the setting, when None), or
    when it is full. Raises OSError when the folder cannot be written; the rows stay for the next
    run.
    """
    wait = settings.BANK_FILES["wait_seconds"] if wait_seconds is None else wait_seconds
    while in_one_transaction(lambda: prepare_file(wait_seconds=wait)) is not None:
        continue
    unplaced = BankFile.objects.filter(
        direction=FileDirection.OUT, state=FileState.PREPARED
    ).order_by("pk")
    return [file for file in unplaced if place_file(file=file)]


def prepare_file(*, wait_seconds: int) -> BankFile | None:
    """Write the next file down, with its orders; None when none is due. In a transaction."""
    now = timezone.now()
    most = settings.BANK_FILES["most_orders"]
    waiting = FileOrder.objects.filter(state=FileOrderState.WAITING).exclude(direction=COLLECT)
    if connection.features.has_select_for_update_skip_locked:
        waiting = waiting.select_for_update(skip_locked=True)
    orders = list(waiting.order_by("received_at", "pk")[:most])
    if not orders or (len(orders) < most and not _has_waited(orders, now, wait_seconds)):
        return None
    orders = _leave_out_ended(orders)
    if not orders:
        return None
    # One file has one currency, as its control sum.
    orders = [order for order in orders if order.currency == orders[0].currency]
    return _write_down(orders, now)


def _has_waited(orders: list[FileOrder], now: datetime, wait_seconds: int) -> bool:
    """Whether the oldest has waited long enough. One from the future is of a clock that was set
    back since: nobody waits for that time to come again."""
    oldest, newest = orders[0].received_at, orders[-1].received_at
    return oldest <= now - timedelta(seconds=wait_seconds) or newest > now + CLOCK_SET_BACK


def _leave_out_ended(orders: list[FileOrder]) -> list[FileOrder]:
    """Without the orders that staff have ended by hand meanwhile: those are never sent.

    Their bank orders are locked, so that nobody ends one while it enters a file.
    """
    states = dict(
        BankOrder.objects.select_for_update(no_key=True)
        .filter(reference__in=[order.reference for order in orders])
        .order_by("pk")
        .values_list("reference", "state")
    )
    left = []
    for order in orders:
        if states.get(order.reference, OrderState.SENT) in OPEN_STATES:
            left.append(order)
        else:
            move_order(order, FileOrderState.REFUSED, said="ended before it was sent")
    return left


def _write_down(orders: list[FileOrder], now: datetime) -> BankFile:
    today = now.astimezone(ZoneInfo(settings.BANK_FILES["zone"])).date()
    message_id = f"W{today:%Y%m%d}-{uuid4().hex[:24].upper()}"
    transfers = [transfer_of(order=order) for order in orders]
    batch = new_batch(message_id=message_id, now=now, execute_on=today, transfers=transfers)
    content = build_credit_transfers(batch)
    file = BankFile.objects.create(
        direction=FileDirection.OUT,
        kind=PAIN_001,
        name=f"{message_id}.{PAIN_001}.xml",
        sha256=hashlib.sha256(content).hexdigest(),
        message_id=message_id,
        state=FileState.PREPARED,
        row_count=len(orders),
        total_minor=batch.control_sum_minor,
        content_token=encrypt(content.decode()),
    )
    entered = FileOrder.objects.filter(
        pk__in=[order.pk for order in orders], state=FileOrderState.WAITING, file=None
    ).update(state=FileOrderState.IN_FILE, file=file)
    if entered != len(orders):
        raise AssertionError("an order may be in one file only")
    FileOrderStep.objects.bulk_create(
        FileOrderStep(
            order=order,
            from_state=FileOrderState.WAITING,
            to_state=FileOrderState.IN_FILE,
            said="batched",
            file=file,
            at=now,
        )
        for order in orders
    )
    return file


def place_file(*, file: BankFile) -> bool:
    """Put a prepared file into the folder; whether this call was the one that did.

    Outside every transaction. Raises OSError.
    """
    content = decrypt(file.content_token).encode()
    if hashlib.sha256(content).hexdigest() != file.sha256:
        raise AssertionError(f"{file} is not what was written down")
    write_whole_file(folder=Path(settings.BANK_FILES["out"]), name=file.name, content=content)
    placed = BankFile.objects.filter(pk=file.pk, state=FileState.PREPARED).update(
        state=FileState.PLACED, done_at=timezone.now()
    )
    if placed:
        logger.info("bank file %s placed: %s orders", file.message_id, file.row_count)
    return bool(placed)


def place_again(*, message_id: str) -> BankFile | None:
    """Put a file that the bank has lost into the folder once more: the same bytes, the same name.

    None when there is no such file. Raises OSError.
    """
    file = BankFile.objects.filter(direction=FileDirection.OUT, message_id=message_id).first()
    if file is not None:
        place_file(file=file)
    return file
