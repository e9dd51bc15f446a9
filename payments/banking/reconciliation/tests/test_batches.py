"""Files to the bank: each order in one file, each file the same for ever, whole or not there."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connections

from accounts.users.models import User
from payments.banking.clearing import finish_by_hand
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.rails.base import Instruction
from payments.banking.rails.files import FileRail
from payments.banking.rails.iso20022.credit_transfers import Batch, read_credit_transfers
from payments.banking.rails.iso20022.documents import PAIN_001, read_document
from payments.banking.reconciliation import folders
from payments.banking.reconciliation.models import BankFile, FileOrder, FileOrderStep
from payments.banking.reconciliation.services import batches, write_due_files
from payments.banking.reconciliation.tasks import exchange_bank_files
from payments.banking.reconciliation.tests.builders import (
    available,
    die,
    handed_over,
    killed,
)
from payments.banking.states import OrderState
from payments.processing.retries import in_one_transaction
from tests.cast import prove_the_books
from tests.race import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


def ordered(*references: str) -> None:
    """Orders that came in by the rail alone."""
    for reference in references:
        FileRail().submit(
            Instruction(reference, "pay_out", "6210990000000013", 10_50, "CNY", "陈思远")
        )


def in_folder(files: dict[str, Any]) -> list[Batch]:
    """The batches that lie in the folder for the bank."""
    documents = [
        read_document(path.read_bytes(), accepted=[PAIN_001], most_bytes=1 << 24)
        for path in sorted(Path(files["out"]).iterdir())
    ]
    return [read_credit_transfers(document) for document in documents]


def references_in_folder(files: dict[str, Any]) -> list[str]:
    return sorted(
        transfer.end_to_end_id for batch in in_folder(files) for transfer in batch.transfers
    )


def test_a_file_says_who_what_and_how_much_in_all(
    alice: User, card: LinkedCard, files: dict[str, Any]
) -> None:
    order = handed_over(alice, card, 120_00)
    file = write_due_files()[0]
    batch = in_folder(files)[0]
    assert batch.message_id == file.message_id
    assert (batch.control_sum_minor, len(batch.transfers)) == (120_00, 1)
    transfer = batch.transfers[0]
    assert transfer.end_to_end_id == order.reference
    assert transfer.creditor.name == "陈思远"
    assert transfer.creditor.account == "6210990000000013"
    assert transfer.creditor.clearing_code == "999100000015"
    assert batch.debtor.account == files["account"]


def test_no_name_and_no_number_lies_in_the_database_in_clear(alice: User, card: LinkedCard) -> None:
    handed_over(alice, card, 120_00)
    write_due_files()
    told = [str(list(model.objects.values())) for model in (BankFile, FileOrder, FileOrderStep)]
    assert "陈思远" not in "".join(told)
    assert "6210990000000013" not in "".join(told)


def test_orders_wait_for_company_and_a_full_file_goes_at_once(
    files: dict[str, Any], db: None
) -> None:
    files.update(wait_seconds=3600, most_orders=3)
    ordered("W1", "W2")
    assert write_due_files() == []
    ordered("W3", "W4")
    assert [file.row_count for file in write_due_files()] == [3]
    assert [file.row_count for file in write_due_files(wait_seconds=0)] == [1]
    assert references_in_folder(files) == ["W1", "W2", "W3", "W4"]


def test_a_clock_that_was_set_back_holds_up_no_order(files: dict[str, Any], db: None) -> None:
    files["wait_seconds"] = 3600
    ordered("W1")
    with time_machine.travel("2026-01-01T00:00Z"):
        assert [file.row_count for file in write_due_files()] == [1]


def test_two_currencies_are_two_files(files: dict[str, Any], db: None) -> None:
    ordered("W1")
    FileRail().submit(Instruction("W2", "pay_out", "6210990000000013", 1, "HKD", "陈思远"))
    assert [file.row_count for file in write_due_files()] == [1, 1]


def test_message_ids_are_never_used_again(files: dict[str, Any], db: None) -> None:
    for number in range(20):
        ordered(f"W{number}")
        write_due_files()
    ids = [batch.message_id for batch in in_folder(files)]
    assert len(set(ids)) == 20
    assert all(len(each) <= 35 for each in ids)


# Where the process may die on the way from the row to the folder.
DEATHS = [
    (batches, "_write_down"),
    (batches, "build_credit_transfers"),
    (batches, "place_file"),
    (batches, "write_whole_file"),
    (os, "fsync"),
    (os, "replace"),
    (folders, "_sync_folder"),
]


@pytest.mark.parametrize(("module", "name"), DEATHS, ids=[name for _module, name in DEATHS])
def test_a_death_anywhere_leads_to_the_same_file_and_never_to_a_second_one(
    files: dict[str, Any], db: None, monkeypatch: pytest.MonkeyPatch, module: Any, name: str
) -> None:
    ordered("W1", "W2")
    with monkeypatch.context() as patch, killed():
        patch.setattr(module, name, die)
        write_due_files()
    written = BankFile.objects.values_list("message_id", "sha256").first()
    exchange_bank_files()
    exchange_bank_files()
    assert references_in_folder(files) == ["W1", "W2"]
    file = BankFile.objects.get()
    assert file.state == "placed"
    assert written in (None, (file.message_id, file.sha256))
    assert [path.name for path in Path(files["out"]).iterdir()] == [file.name]


def test_a_disk_that_is_full_holds_the_file_back_and_loses_nothing(
    files: dict[str, Any], db: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    ordered("W1")
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        exchange_bank_files()
        with pytest.raises(CommandError, match="No space left"):
            call_command("write_bank_files")
    assert BankFile.objects.get().state == "prepared"
    assert references_in_folder(files) == []
    exchange_bank_files()
    assert references_in_folder(files) == ["W1"]


def test_a_file_that_the_bank_lost_is_placed_again_as_it_was(
    files: dict[str, Any], db: None
) -> None:
    ordered("W1")
    file = write_due_files()[0]
    path = Path(files["out"]) / file.name
    content = path.read_bytes()
    path.unlink()
    call_command("write_bank_files", "--again", file.message_id)
    assert path.read_bytes() == content
    assert BankFile.objects.count() == 1
    with pytest.raises(CommandError, match="no file"):
        call_command("write_bank_files", "--again", "W-NOBODY")


def test_the_file_is_for_its_owner_and_group_alone(files: dict[str, Any], db: None) -> None:
    ordered("W1")
    path = Path(files["out"]) / write_due_files()[0].name
    assert path.stat().st_mode & 0o777 == 0o640
    assert not os.access(path, os.X_OK)


def test_an_order_that_staff_ended_meanwhile_is_never_sent(
    alice: User, card: LinkedCard, files: dict[str, Any]
) -> None:
    order = handed_over(alice, card, 120_00)
    in_one_transaction(
        lambda: finish_by_hand(
            BankOrder.objects.select_for_update().get(pk=order.pk),
            OrderState.REFUSED,
            reason="other",
        )
    )
    assert write_due_files() == []
    assert FileOrder.objects.get().state == "refused"
    assert available(alice) == 500_00
    prove_the_books()


def test_many_who_write_files_at_once_put_each_order_into_one(
    files: dict[str, Any], db: None
) -> None:
    files["most_orders"] = 4
    references = sorted(f"W{number:02d}" for number in range(20))
    ordered(*references)
    all_at_once(6, lambda _number: write_due_files())
    write_due_files()
    assert references_in_folder(files) == references
    assert FileOrderStep.objects.filter(to_state="in_file").count() == 20
    assert not BankFile.objects.exclude(state="placed").exists()
    connections.close_all()


def test_many_who_submit_one_order_at_once_make_one(files: dict[str, Any], db: None) -> None:
    all_at_once(8, lambda _number: ordered("W1"))
    assert FileOrder.objects.count() == 1
