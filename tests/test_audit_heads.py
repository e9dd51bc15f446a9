"""What a chain alone does not show: an end that was cut off or written anew, a file with gaps."""

from __future__ import annotations

import io
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.core.management import CommandError, call_command

from accounts.audit.files import export_audit, verify_lines
from accounts.audit.heads import kept_head, set_head_aside
from accounts.audit.models import AuditRecord
from accounts.audit.services import seal_audit, verify_and_seal, verify_audit
from accounts.security.models import SecurityEvent
from accounts.security.services import record_event
from accounts.users.models import User
from tests.test_audit_log import sealed, tamper

__all__ = ["sealed"]
pytestmark = pytest.mark.django_db


@pytest.fixture
def kept(tmp_path: Path, settings: Any) -> Path:
    """The file that keeps the newest head."""
    settings.AUDIT = {"head_file": str(tmp_path / "apart" / "audit-head")}
    return Path(settings.AUDIT["head_file"])


def cut_off(links: int) -> None:
    """The newest links, and the rows that they sealed."""
    for record in AuditRecord.objects.all()[:links]:
        table = SecurityEvent if record.source == "event" else LogEntry
        table._default_manager.filter(pk=record.source_id).delete()
        record.delete()


def test_a_cut_end_is_found_by_the_head_that_is_kept_apart(
    kept: Path, sealed: str, alice: User
) -> None:
    assert kept_head() == sealed
    assert kept.stat().st_mode & 0o777 == 0o600
    tamper(lambda: cut_off(3))
    lost = f"the head {sealed} is not in the log: it was cut off or rewritten"
    assert verify_audit().problems == [lost]
    # Neither the next events nor the command's own sealing wipe out what shows it.
    record_event(user=alice, kind="sign_in.ok")
    assert verify_and_seal().problems == [lost]
    for _number in range(9):
        record_event(user=alice, kind="sign_in.ok")
    assert seal_audit() == 9
    assert verify_audit().problems == [lost]
    with pytest.raises(CommandError):
        call_command("verify_audit", stdout=io.StringIO(), stderr=io.StringIO())


def test_an_end_that_was_written_anew_is_found(kept: Path, sealed: str) -> None:
    def forge() -> None:
        for record in AuditRecord.objects.all()[:3]:
            if record.source == "event":
                SecurityEvent.objects.filter(pk=record.source_id).update(kind="sign_in.ok")
            record.delete()

    tamper(forge)
    seal_audit()
    lost = f"the head {sealed} is not in the log: it was cut off or rewritten"
    assert lost in verify_audit().problems


def test_after_an_older_backup_the_kept_head_is_set_aside(kept: Path, sealed: str) -> None:
    tamper(lambda: cut_off(2))
    aside = set_head_aside()
    assert aside is not None and aside.read_text().strip() == sealed
    assert verify_and_seal().ok
    assert set_head_aside() is None


def test_without_room_for_the_head_the_log_goes_on(
    kept: Path, alice: User, caplog: pytest.LogCaptureFixture
) -> None:
    kept.parent.parent.joinpath("apart").write_text("not a folder")
    record_event(user=alice, kind="sign_in.ok")
    assert seal_audit()
    assert "could not be kept" in caplog.text


def lines_of_export() -> list[str]:
    return list(export_audit(since=None, until=None, by=None))


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (lambda lines: lines[:-2], "the last line is missing"),
        (lambda lines: [*lines[:-2], lines[-1]], "the file begins or ends elsewhere"),
        (lambda lines: lines[1:], "the file begins or ends elsewhere"),
        (lambda lines: lines[-1:], "the file begins or ends elsewhere"),
        (lambda lines: [], "the last line is missing"),
        (lambda lines: [lines[1], lines[0], *lines[2:]], "is missing"),
        (lambda lines: [*lines, lines[0]], "something behind the last line"),
        (lambda lines: [*lines[:-1], lines[-1].replace('"first": 1', '"first": 2')], "not signed"),
    ],
)
def test_a_file_that_lost_something_is_found(
    sealed: str, spoil: Callable[[list[str]], list[str]], problem: str
) -> None:
    whole = lines_of_export()
    assert verify_lines(whole, expected_head=sealed).ok
    assert problem in " ".join(verify_lines(spoil(whole)).problems)


def test_a_forged_file_is_found(sealed: str, settings: Any) -> None:
    settings.INDEX_KEY = "another one"
    forged = lines_of_export()
    settings.INDEX_KEY = "the real one"
    [problem] = verify_lines(forged).problems
    assert "not signed here" in problem
    settings.OLD_INDEX_KEYS = ["another one"]
    assert verify_lines(forged).ok
    assert verify_lines(forged, expected_head="3:" + "0" * 64).problems
