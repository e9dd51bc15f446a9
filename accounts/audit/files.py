"""The audit log as a file: written line by line, and proven by itself."""

from __future__ import annotations

import hmac
import json
from collections.abc import Iterable, Iterator
from datetime import datetime
from typing import Any

from accounts.audit.chain import START, next_digest
from accounts.audit.models import AuditRecord
from accounts.audit.services import BATCH, AuditReport
from accounts.security.keyed import keyed_hash, keyed_hashes
from accounts.security.services import record_event
from accounts.users.models import User

_PURPOSE = "audit_file"


def export_audit(
    *, since: datetime | None, until: datetime | None, by: User | None
) -> Iterator[str]:
    """JSON lines: number, content, digest, and the digest before; then a line that says where the
    file begins and ends, signed (HMAC-SHA-256 under the index key). Itself an event.

    Links stand in the order of their numbers, without gaps: from the first one of the period to
    the last one of it.
    """
    record_event(
        user=None,
        actor=by,
        kind="audit.exported",
        details={"since": str(since or ""), "until": str(until or "")},
    )
    return _lines(since, until)


def verify_lines(lines: Iterable[str], *, expected_head: str = "") -> AuditReport:
    """Prove an exported file: its links follow each other, none is missing at its beginning or its
    end, and it was written here, under a key that is still accepted.

    `expected_head` must be one of its links where it is given.
    """
    report, end = AuditReport(), None
    first, begins = 0, START
    before, number, found = START, 0, not expected_head
    for line in lines:
        if not line.strip():
            continue
        row = json.loads(line)
        if "end" in row:
            end = row
            continue
        if end is not None:
            report.add("there is something behind the last line")
        if not report.records:
            first, begins = row["number"], row["before"]
            before, number = begins, first - 1
        if row["number"] != number + 1:
            report.add(f"number {number + 1} is missing: the next one is {row['number']}")
        number = row["number"]
        link = next_digest(before, number, row["content"])
        if row["before"] != before or link != row["digest"]:
            report.add(f"record {number} is not what was sealed")
        before = row["digest"]
        report.records += 1
        report.head = f"{number}:{before}"
        found = found or report.head == expected_head
    _check_end(report, end, _bounds(first, begins, report.head))
    if not found:
        report.add(f"the head {expected_head} is not in the file")
    return report


def _check_end(report: AuditReport, end: Any, whole: dict[str, Any]) -> None:
    if end is None:
        report.add("the last line is missing: the file was cut off")
        return
    signature = str(end.pop("signature", ""))
    accepted = keyed_hashes(purpose=_PURPOSE, text=_text(end))
    if not any(hmac.compare_digest(signature, each) for each in accepted):
        report.add("the last line was not signed here, or under a key that is no longer kept")
    elif end != whole:
        report.add(f"the file begins or ends elsewhere than it did: its last line says {end}")


def _lines(since: datetime | None, until: datetime | None) -> Iterator[str]:
    rows = AuditRecord.objects.all()
    if since is not None:
        rows = rows.filter(at__gte=since)
    if until is not None:
        rows = rows.filter(at__lt=until)
    numbers = rows.order_by("number").values_list("number", flat=True)
    first, last = numbers.first() or 0, numbers.last() or 0
    earlier = AuditRecord.objects.filter(number=first - 1).first()
    begins = before = earlier.digest if earlier else START
    whole = AuditRecord.objects.filter(number__gte=first, number__lte=last).order_by("number")
    for record in whole.iterator(chunk_size=BATCH):
        line = {
            "number": record.number,
            "before": before,
            "content": record.content,
            "digest": record.digest,
        }
        before = record.digest
        yield json.dumps(line, ensure_ascii=False) + "\n"
    bounds = _bounds(first, begins, f"{last}:{before}")
    signature = keyed_hash(purpose=_PURPOSE, text=_text(bounds))
    yield json.dumps(bounds | {"signature": signature}) + "\n"


def _bounds(first: int, before: str, head: str) -> dict[str, Any]:
    return {"end": head, "first": first, "before": before}


def _text(bounds: dict[str, Any]) -> str:
    return json.dumps(bounds, sort_keys=True)
