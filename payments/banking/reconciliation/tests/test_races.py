"""Many importers at once. On PostgreSQL these prove the locks; on SQLite the one writer."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from accounts.users.models import User
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.reconciliation.models import BankFile, EntryOutcome
from payments.banking.reconciliation.services import (
    finish_what_waits,
    import_bank_file,
    reconcile_bank,
    write_due_files,
)
from payments.banking.reconciliation.tasks import sweep_folder
from payments.banking.reconciliation.tests.builders import (
    OPENING,
    available,
    case_kinds,
    fresh,
    handed_over,
    report,
    return_of,
    row_of,
    sent_out,
    statement,
)
from tests.cast import prove_the_books
from tests.race import all_at_once

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


@pytest.fixture
def order(alice: User, card: LinkedCard) -> BankOrder:
    """120.00 on their way to alice's card."""
    return sent_out(alice, card, 120_00)


def settle_all() -> None:
    """What the sweeps do a minute later."""
    BankOrder.objects.update(claimed_until="2026-01-01T00:00Z")
    finish_what_waits()


def test_one_file_taken_in_by_many_at_once_counts_once(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(statement([row_of(order), return_of(order, 2)]))
    results = all_at_once(6, lambda _number: import_bank_file(path=path))
    settle_all()
    assert sum(result.is_new for result in results if not isinstance(result, Exception)) == 1
    assert BankFile.objects.filter(direction="in").count() == 1
    assert EntryOutcome.objects.count() == 2
    assert available(alice) == 500_00
    assert case_kinds() == []
    assert reconcile_bank().is_right
    prove_the_books()


def test_two_statements_with_the_same_rows_at_once_settle_and_return_once(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    paths = [tmp_path / f"{number}.xml" for number in (1, 2)]
    for number, path in enumerate(paths, 1):
        path.write_bytes(
            statement([row_of(order), return_of(order, 2)], number=number, opening=OPENING)
        )
    all_at_once(2, lambda number: import_bank_file(path=paths[number]))
    settle_all()
    assert available(alice) == 500_00
    assert set(case_kinds()) <= {"duplicate_entry", "sequence_gap"}
    assert case_kinds().count("duplicate_entry") == 2
    assert reconcile_bank().difference_minor == 0
    prove_the_books()


def test_one_statement_in_two_files_at_once_is_written_down_once(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    good = statement([row_of(order), return_of(order, 2)])
    paths = [tmp_path / f"{number}.xml" for number in range(4)]
    for number, path in enumerate(paths):
        path.write_bytes(good.replace(b"<MsgId>M1</MsgId>", b"<MsgId>M%d</MsgId>" % number))
    all_at_once(4, lambda number: import_bank_file(path=paths[number]))
    settle_all()
    states = BankFile.objects.filter(direction="in").values_list("state", flat=True)
    assert sorted(states) == ["imported", "repeated", "repeated", "repeated"]
    assert available(alice) == 500_00
    assert case_kinds() == []
    prove_the_books()


def test_an_answer_and_a_statement_at_once_end_the_order_once(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    contents = [report(order, "ACSC"), statement([row_of(order)])]
    paths = [tmp_path / f"{number}.xml" for number in (0, 1)]
    for path, content in zip(paths, contents, strict=True):
        path.write_bytes(content)
    all_at_once(2, lambda number: import_bank_file(path=paths[number]))
    settle_all()
    assert fresh(order).state == "settled"
    assert available(alice) == 380_00
    assert case_kinds() == []
    prove_the_books()


def test_many_sweeps_of_a_folder_with_many_files(
    alice: User, card: LinkedCard, files: dict[str, Any]
) -> None:
    orders = [handed_over(alice, card, 10_00) for _number in range(8)]
    write_due_files()
    Path(files["in"]).mkdir()
    opening = OPENING
    for number, order in enumerate(orders, 1):
        rows = [row_of(order), return_of(order, 2)] if number % 2 else [row_of(order)]
        content = statement(rows, number=number, opening=opening, closed_on=None)
        opening += sum(row.signed_minor for row in rows)
        (Path(files["in"]) / f"{number}.xml").write_bytes(content)
    all_at_once(4, lambda _number: sweep_folder())
    settle_all()
    sweep_folder()
    assert available(alice) == 500_00 - 40_00
    assert list(Path(files["in"]).iterdir()) == []
    assert reconcile_bank().difference_minor == 0
    prove_the_books()


def test_many_proofs_at_once_open_each_case_once(order: BankOrder, tmp_path: Path) -> None:
    path = tmp_path / "a.xml"
    path.write_bytes(statement([row_of(order)], opening=OPENING + 1))
    import_bank_file(path=path)
    proofs = all_at_once(4, lambda _number: reconcile_bank())
    assert {getattr(proof, "difference_minor", None) for proof in proofs} == {1}
    assert case_kinds() == ["balance_differs"]
