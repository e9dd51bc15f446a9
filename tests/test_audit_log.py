"""The audit log: one chain that shows every change, gap and cut."""

from __future__ import annotations

import io
import json
import logging
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import time_machine
from django.contrib.admin.models import CHANGE, LogEntry
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, connections, models, transaction
from django.test import Client
from django.utils import timezone

from accounts.audit import services as audit
from accounts.audit.files import verify_lines
from accounts.audit.models import AuditMark, AuditRecord
from accounts.audit.services import seal_audit, verify_audit
from accounts.audit.tasks import verify
from accounts.cases.services import (
    assign,
    close_case,
    note_on_case,
    open_case,
    reply_as_staff,
)
from accounts.security.kinds import KIND_TITLES
from accounts.security.models import SecurityEvent
from accounts.security.services import record_event
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from ledger.tests.flush import without_triggers
from tests.cast import make_staff
from tests.race import all_at_once
from walletsite.observability.logs import FactsFilter, JsonLines

pytestmark = pytest.mark.django_db


@pytest.fixture
def sealed(alice: User, olivia: User) -> str:
    """A log of some events and one change in the admin; its head."""
    for number in range(4):
        record_event(user=alice, actor=olivia, kind="support.viewed", details={"number": number})
    LogEntry.objects.create(
        user_id=olivia.pk, content_type_id=None, object_id="1", object_repr="x",
        action_flag=CHANGE, change_message="[]",
    )  # fmt: skip
    assert seal_audit() >= 5
    assert seal_audit() == 0
    report = verify_audit()
    assert report.ok, report.problems
    return report.head


def tamper(act: Callable[[], object]) -> None:
    """What somebody could do who has the whole database in hand."""
    with without_triggers(connection):
        act()


def test_the_log_is_proven_and_grows(sealed: str, alice: User) -> None:
    record_event(user=alice, kind="sign_in.ok")
    assert seal_audit() == 1
    assert verify_audit(expected_head=sealed).ok


@pytest.mark.parametrize(
    ("table", "field"),
    [(SecurityEvent, "kind"), (AuditRecord, "content"), (LogEntry, "change_message")],
)
def test_what_is_written_stays(sealed: str, table: type[models.Model], field: str) -> None:
    row = table._default_manager.first()
    assert row is not None
    for spoil in (lambda: table._default_manager.update(**{field: "x"}), row.delete):
        with pytest.raises(DatabaseError), transaction.atomic():
            spoil()


def test_a_changed_row_is_found(sealed: str) -> None:
    number = AuditRecord.objects.filter(content__contains="support.viewed").first()
    assert number is not None
    tamper(lambda: SecurityEvent.objects.filter(pk=number.source_id).update(kind="sign_in.ok"))
    assert verify_audit().problems == [f"the event of record {number.number} was changed"]


def test_a_deleted_row_is_found(sealed: str) -> None:
    entry = LogEntry.objects.get()
    tamper(entry.delete)
    [problem] = verify_audit().problems
    assert problem.startswith("the admin of record")


def test_a_rewritten_link_is_found(sealed: str) -> None:
    tamper(lambda: AuditRecord.objects.filter(number=2).update(content="{}"))
    problems = verify_audit().problems
    assert "record 2 is not what was sealed" in problems
    assert any("of record 2" in problem for problem in problems)


def test_a_link_taken_out_and_links_put_in_another_order_are_found(sealed: str) -> None:
    tamper(lambda: AuditRecord.objects.filter(number=2).delete())
    assert any("number 2 is missing" in problem for problem in verify_audit().problems)

    def swap() -> None:
        AuditRecord.objects.filter(number=3).update(number=2)

    tamper(swap)
    assert "record 2 is not what was sealed" in verify_audit().problems


def test_a_cut_end_is_found_with_a_head_that_was_kept(sealed: str) -> None:
    last = AuditRecord.objects.first()
    assert last is not None

    def cut() -> None:
        SecurityEvent.objects.filter(pk=last.source_id).delete()
        LogEntry.objects.filter(pk=last.source_id).delete()
        AuditRecord.objects.filter(pk=last.pk).delete()

    tamper(cut)
    assert f"the head {sealed} is not in the log: it was cut off or rewritten" in (
        verify_audit(expected_head=sealed).problems
    )


def test_an_old_row_without_a_link_is_found(sealed: str, alice: User) -> None:
    """Put in under an id of long ago, or one that the mark has passed for another reason."""
    event = record_event(user=alice, kind="sign_in.ok")
    AuditMark.objects.filter(source="event").update(sealed_id=event.pk)
    long_ago = timezone.now() - timedelta(days=3)
    tamper(lambda: SecurityEvent.objects.filter(pk=event.pk).update(created_at=long_ago))
    assert seal_audit() == 0
    assert verify_audit().problems == [f"event {event.pk} was never sealed"]


def test_a_row_put_in_under_an_older_date_is_sealed_and_noted(sealed: str, alice: User) -> None:
    event = record_event(user=alice, kind="sign_in.ok")
    long_ago = timezone.now() - timedelta(days=3)
    tamper(lambda: SecurityEvent.objects.filter(pk=event.pk).update(created_at=long_ago))
    assert seal_audit() == 1
    report = verify_audit(expected_head=sealed)
    assert report.ok and f"from record {report.records} on" in report.notes[0]
    said = io.StringIO()
    call_command("verify_audit", stdout=said)
    assert report.notes[0] in said.getvalue()


@pytest.mark.parametrize("jump", [timedelta(days=3), -timedelta(days=3)], ids=["ahead", "behind"])
def test_a_clock_that_jumped_stops_no_sealing(sealed: str, alice: User, jump: timedelta) -> None:
    with time_machine.travel(timezone.now() + jump, tick=True):
        record_event(user=alice, kind="sign_in.ok")
        assert seal_audit() == 1
    record_event(user=alice, kind="sign_in.wrong")
    assert seal_audit() == 1
    with time_machine.travel(timezone.now() + timedelta(hours=1), tick=True):
        assert verify_audit(expected_head=sealed).ok


@pytest.mark.django_db(transaction=True)
def test_a_row_that_is_committed_late_gets_its_link_all_the_same(alice: User) -> None:
    """It drew its id before others that were committed, and sealed, earlier."""
    drawn, others_are_sealed = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                record_event(user=alice, kind="sign_in.wrong")
                drawn.set()
                others_are_sealed.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert drawn.wait(20)
    if connection.vendor == "postgresql":
        # On SQLite everybody else waits for the writer: nothing can overtake it.
        record_event(user=alice, kind="sign_in.ok")
        for _sweep in range(4):
            seal_audit()
    others_are_sealed.set()
    thread.join()
    for _sweep in range(4):
        seal_audit()
    assert AuditRecord.objects.count() == SecurityEvent.objects.count()
    mark = AuditMark.objects.get(source="event")
    assert mark.sealed_id == SecurityEvent.objects.latest("pk").pk
    assert verify_audit().ok


def test_a_batch_moves_the_mark_no_further_than_it_has_sealed(
    alice: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    while seal_audit():
        continue
    monkeypatch.setattr(audit, "BATCH", 2)
    for _number in range(5):
        record_event(user=alice, kind="sign_in.ok")
    assert [seal_audit() for _sweep in range(4)] == [2, 2, 1, 0]


@pytest.mark.django_db(transaction=True)
def test_many_sealers_at_once_make_one_chain(alice: User) -> None:
    for _number in range(20):
        record_event(user=alice, kind="sign_in.ok")
    all_at_once(6, lambda _number: seal_audit())
    while seal_audit():
        continue
    report = verify_audit()
    assert report.ok, report.problems
    assert report.records == SecurityEvent.objects.count()


def test_the_commands_prove_export_and_prove_what_was_exported(sealed: str, tmp_path: Path) -> None:
    said = io.StringIO()
    call_command("verify_audit", head=sealed, stdout=said)
    assert "The audit log is right." in said.getvalue()
    lines = io.StringIO()
    call_command("export_audit", stdout=lines)
    file = tmp_path / "audit.jsonl"
    file.write_text(lines.getvalue(), encoding="utf-8")
    call_command("verify_audit", file=file, stdout=said)
    rows = [json.loads(line) for line in lines.getvalue().splitlines()]
    assert SecurityEvent.objects.filter(kind="audit.exported").count() == 1
    rows[1]["content"] = rows[1]["content"].replace("0", "1")
    file.write_text("".join(f"{json.dumps(row)}\n" for row in rows), encoding="utf-8")
    with pytest.raises(CommandError):
        call_command("verify_audit", file=file, stdout=said, stderr=said)
    with pytest.raises(CommandError):
        call_command("verify_audit", head="1:" + "0" * 64, stdout=said, stderr=said)


def test_auditors_export_and_others_do_not(sealed: str, olivia: User) -> None:
    auditor = make_staff("Auditor", phone="+8613600137733")
    client = Client()
    sign_in_staff(client, auditor)
    assert client.get("/admin/accounts/auditrecord/").status_code == 200
    answer = client.post("/admin/accounts/auditrecord/export/")
    text = b"".join(answer.streaming_content).decode()  # type: ignore[attr-defined]
    assert len(text.splitlines()) == AuditRecord.objects.count() + 1
    assert verify_lines(text.splitlines()).ok
    other = Client()
    sign_in_staff(other, olivia)
    assert other.get("/admin/accounts/auditrecord/").status_code == 403
    assert other.post("/admin/accounts/auditrecord/export/").status_code == 403


def test_each_new_head_goes_to_the_log_as_it_is(
    alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    record_event(user=alice, kind="sign_in.ok")
    with caplog.at_level(logging.INFO, logger="accounts.audit.services"):
        seal_audit()
    [record] = [each for each in caplog.records if each.message == "audit log sealed"]
    FactsFilter().filter(record)
    assert json.loads(JsonLines().format(record))["audit_head"] == verify_audit().head


def test_what_staff_do_for_people_who_are_not_signed_in_is_in_the_log(olivia: User) -> None:
    case = open_case(phone="+8613800138099", topic="locked", subject="Locked", body="Locked out.")
    assign(case=case, to=olivia)
    note_on_case(case=case, by=olivia, text="She called.")
    reply_as_staff(case=case, by=olivia, body="It ends by itself.")
    close_case(case=case, by=olivia)
    kinds = SecurityEvent.objects.filter(actor=olivia, user=None).values_list("kind", flat=True)
    assert set(kinds) == {"case.taken", "case.noted", "case.answered", "case.closed"}
    assert all(kind in KIND_TITLES for kind in kinds)


def test_the_daily_proof_is_an_alarm_in_the_logs(
    sealed: str, caplog: pytest.LogCaptureFixture
) -> None:
    assert verify() == 0
    tamper(lambda: AuditRecord.objects.filter(number=2).update(content="{}"))
    assert verify() == 2
    assert "the audit log is wrong: record 2 is not what was sealed" in caplog.text
