"""Files from the bank: used whole or not at all, once, whatever dies in between."""

from __future__ import annotations

import os
from pathlib import Path
from typing import Any

import pytest
import time_machine

from accounts.users.models import User
from payments.banking import clearing
from payments.banking.models import BankOrder, LinkedCard
from payments.banking.rails.iso20022.documents import CAMT_054
from payments.banking.reconciliation import tasks
from payments.banking.reconciliation.folders import NotReadable, list_settled_files
from payments.banking.reconciliation.models import (
    BankFile,
    BankStatement,
    EntryOutcome,
    FileOrderStep,
    ReconciliationCase,
    StatementEntry,
)
from payments.banking.reconciliation.services import (
    finish_what_waits,
    import_bank_file,
    imports,
    matching,
    reconcile_bank,
    statements,
)
from payments.banking.reconciliation.tasks import exchange_bank_files, sweep_folder
from payments.banking.reconciliation.tests.builders import (
    available,
    case_kinds,
    die,
    fresh,
    killed,
    report,
    return_of,
    row_of,
    sent_out,
    statement,
    taken_in,
)
from payments.banking.states import OrderState
from tests.cast import prove_the_books

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


@pytest.fixture
def order(alice: User, card: LinkedCard) -> BankOrder:
    """120.00 on their way to alice's card."""
    return sent_out(alice, card, 120_00)


BAD = {
    "cut": lambda good: good[: len(good) // 2],
    "empty": lambda good: b"",
    "doctype": lambda good: good.replace(b"<Document", b"<!DOCTYPE Document><Document", 1),
    "old version": lambda good: good.replace(b"camt.053.001.08", b"camt.053.001.02"),
    "other account": lambda good: good.replace(b"99990000000000000018", b"99990000000000000019"),
    "other currency": lambda good: good.replace(b"CNY", b"USD"),
    "other encoding": lambda good: good.decode().encode("utf-16"),
    "wrong total": lambda good: good.replace(b">380.00<", b">381.00<"),
    "no balance": lambda good: good.replace(b"CLBD", b"ITBD"),
}


@pytest.mark.parametrize("fault", BAD)
def test_a_bad_file_is_refused_whole_with_one_case_and_nothing_booked(
    order: BankOrder, alice: User, tmp_path: Path, fault: str
) -> None:
    good = statement([row_of(order)])
    bad = BAD[fault](good)
    assert bad != good
    for name in ("first.xml", "again.xml"):
        assert taken_in(bad, tmp_path, name).is_refused
    assert fresh(order).state == OrderState.SENT
    assert not StatementEntry.objects.exists()
    assert case_kinds() == ["file_refused"]
    # The whole file, sent again as it should be, is used.
    assert not taken_in(good, tmp_path, "good.xml").is_refused
    assert fresh(order).state == OrderState.SETTLED
    assert available(alice) == 380_00
    prove_the_books()


def test_a_file_over_the_limit_is_refused(
    order: BankOrder, tmp_path: Path, files: dict[str, Any]
) -> None:
    good = statement([row_of(order)])
    files["most_bytes"] = len(good) - 1
    result = taken_in(good, tmp_path)
    assert (result.is_refused, result.file.fault) == (True, "too_large")
    assert fresh(order).state == OrderState.SENT


def test_the_same_file_ten_times_under_other_names_counts_once(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    good = statement([row_of(order), return_of(order, 2)])
    results = [taken_in(good, tmp_path, f"{number}.xml") for number in range(10)]
    assert [result.is_new for result in results] == [True] + [False] * 9
    assert available(alice) == 500_00
    assert BankStatement.objects.count() == 1
    assert case_kinds() == []
    assert reconcile_bank().is_right
    prove_the_books()


def test_the_same_statement_in_another_file_says_nothing_new(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    good = statement([row_of(order), return_of(order, 2)])
    taken_in(good, tmp_path)
    other = good.replace(b"<MsgId>M1</MsgId>", b"<MsgId>M1-AGAIN</MsgId>")
    assert taken_in(other, tmp_path, "other.xml").file.state == "repeated"
    assert available(alice) == 500_00
    assert case_kinds() == []


def test_the_same_statement_with_other_content_is_a_case(
    order: BankOrder, alice: User, tmp_path: Path
) -> None:
    taken_in(statement([]), tmp_path)
    result = taken_in(statement([row_of(order)]), tmp_path, "other.xml")
    assert (result.is_refused, result.file.fault) == (True, "statement_differs")
    assert case_kinds() == ["statement_differs"]
    assert fresh(order).state == OrderState.SENT


def test_a_file_refused_for_a_wrong_setting_is_used_once_that_is_right(
    order: BankOrder, alice: User, tmp_path: Path, files: dict[str, Any]
) -> None:
    good = statement([row_of(order), return_of(order, 2)])
    ours, files["account"] = files["account"], "6200000000000000"
    assert taken_in(good, tmp_path).is_refused
    finish_what_waits()
    files["account"] = ours
    result = taken_in(good, tmp_path)
    assert (result.is_refused, result.is_new, result.file.fault) == (False, True, "")
    assert not taken_in(good, tmp_path).is_new
    assert available(alice) == 500_00
    assert BankFile.objects.filter(direction="in").count() == 1
    # The case stays: somebody has to say why the setting was wrong.
    assert case_kinds() == ["file_refused"]
    prove_the_books()


def test_links_pipes_and_folders_are_no_files(files: dict[str, Any], tmp_path: Path) -> None:
    (tmp_path / "target.xml").write_bytes(b"x")
    (tmp_path / "link.xml").symlink_to(tmp_path / "target.xml")
    os.mkfifo(tmp_path / "pipe.xml")
    (tmp_path / "folder.xml").mkdir()
    for name in ("link.xml", "pipe.xml", "folder.xml", "gone.xml"):
        with pytest.raises(NotReadable):
            import_bank_file(path=tmp_path / name)
    assert not BankFile.objects.exists()


def lay(files: dict[str, Any], name: str, content: bytes) -> Path:
    folder = Path(files["in"])
    folder.mkdir(exist_ok=True)
    (folder / name).write_bytes(content)
    return folder / name


def test_the_folder_is_swept_and_archived_by_what_became_of_each(
    order: BankOrder, files: dict[str, Any]
) -> None:
    lay(files, "a.xml", statement([row_of(order)]))
    lay(files, "b.xml", b"nonsense")
    lay(files, ".hidden.xml", b"not yet")
    lay(files, "c.xml.part", b"not yet")
    assert exchange_bank_files() == 2
    assert fresh(order).state == OrderState.SETTLED
    left = sorted(path.name for path in Path(files["in"]).iterdir())
    assert left == [".hidden.xml", "c.xml.part"]
    archive = Path(files["archive"])
    assert [path.name[13:] for path in (archive / "imported").iterdir()] == ["a.xml"]
    assert [path.name[13:] for path in (archive / "refused").iterdir()] == ["b.xml"]


def test_a_file_that_is_still_being_written_waits(order: BankOrder, files: dict[str, Any]) -> None:
    files["untouched_seconds"] = 60
    path = lay(files, "a.xml", statement([row_of(order)])[:500])
    assert sweep_folder() == 0
    path.write_bytes(statement([row_of(order)]))
    # Times that the sender has set say nothing.
    os.utime(path, (1, 1))
    assert sweep_folder() == 0
    os.utime(path, (9_999_999_999, 9_999_999_999))
    files["untouched_seconds"] = 0
    assert sweep_folder() == 1
    assert case_kinds() == []


def test_a_clock_that_was_set_back_holds_up_no_file(
    order: BankOrder, files: dict[str, Any]
) -> None:
    files["untouched_seconds"] = 60
    lay(files, "a.xml", statement([row_of(order)]))
    with time_machine.travel("2026-01-01T00:00Z"):
        found = list_settled_files(Path(files["in"]), untouched_seconds=60)
    assert [path.name for path in found] == ["a.xml"]


def test_a_name_used_again_for_another_day_is_another_file(
    order: BankOrder, files: dict[str, Any]
) -> None:
    lay(files, "statement.xml", statement([]))
    sweep_folder()
    lay(files, "statement.xml", statement([row_of(order)], number=2))
    sweep_folder()
    assert len(list((Path(files["archive"]) / "imported").iterdir())) == 2
    assert fresh(order).state == OrderState.SETTLED


# Where the process may die while a file is taken in and worked out.
DEATHS = [
    (imports, "store_statements"),
    (statements, "_check_order"),
    (imports, "finish_what_waits"),
    (matching, "_matched"),
    (matching, "move_order"),
    (matching, "_outcome"),
    (matching, "_returned"),
    (matching, "give_back_returned"),
    (matching, "_tell"),
    (matching, "advance_order"),
    (clearing, "_write_down"),
    (tasks, "move_away"),
]


@pytest.mark.parametrize(("module", "name"), DEATHS, ids=[name for _module, name in DEATHS])
def test_a_death_anywhere_and_the_same_again_gives_the_same_result(
    order: BankOrder,
    alice: User,
    files: dict[str, Any],
    monkeypatch: pytest.MonkeyPatch,
    module: Any,
    name: str,
) -> None:
    lay(files, "a.xml", statement([row_of(order), return_of(order, 2)]))
    with monkeypatch.context() as patch, killed():
        patch.setattr(module, name, die)
        sweep_folder()
    # A worker that died holds its claim for a while.
    BankOrder.objects.update(claimed_until=order.created_at)
    sweep_folder()
    finish_what_waits()
    assert available(alice) == 500_00
    assert EntryOutcome.objects.count() == 2
    assert BankFile.objects.filter(direction="in").count() == 1
    assert case_kinds() == []
    assert reconcile_bank().is_right
    prove_the_books()


def test_a_death_inside_an_answer_leaves_all_of_it_or_nothing(
    order: BankOrder, alice: User, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    told = report(order, "RJCT", "AC04")
    for module, name in ((imports, "apply_report"), (imports, "finish_what_waits")):
        with monkeypatch.context() as patch, killed():
            patch.setattr(module, name, die)
            taken_in(told, tmp_path)
    taken_in(told, tmp_path)
    assert fresh(order).state == OrderState.REFUSED
    assert FileOrderStep.objects.filter(to_state="refused").count() == 1
    assert available(alice) == 500_00
    prove_the_books()


def test_a_row_that_cannot_be_worked_out_does_not_hold_up_the_others(
    order: BankOrder, alice: User, card: LinkedCard, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    second = sent_out(alice, card, 30_00)
    whole = matching._find_order

    def trip(entry: StatementEntry) -> BankOrder | None:
        if entry.number == 1:
            raise RuntimeError("a bug")
        return whole(entry)

    with monkeypatch.context() as patch:
        patch.setattr(matching, "_find_order", trip)
        taken_in(statement([row_of(order), row_of(second, 2)]), tmp_path)
    assert fresh(order).state == OrderState.SENT
    assert fresh(second).state == OrderState.SETTLED
    assert not reconcile_bank().unresolved
    assert fresh(order).state == OrderState.SETTLED
    prove_the_books()


def test_no_name_and_no_number_is_in_the_log(
    order: BankOrder, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    named = row_of(order, other_name="陈思远", other_account="6210990000000013")
    good = statement([named])
    taken_in(good.replace("陈思远".encode(), "陈思远".encode() * 60), tmp_path, "a.xml")
    taken_in(good.replace(b">120.00<", b">6210990000000013.999999<"), tmp_path, "b.xml")
    taken_in(good, tmp_path, "c.xml")
    taken_in(statement([named], number=2, kind=CAMT_054), tmp_path, "d.xml")
    facts = " ".join(str(case.facts) for case in ReconciliationCase.objects.all())
    places = " ".join(BankFile.objects.values_list("fault_place", flat=True))
    said = caplog.text + facts + places
    assert "陈思远" not in said and "6210990000000013" not in said
    assert BankFile.objects.filter(state="refused").count() == 2
