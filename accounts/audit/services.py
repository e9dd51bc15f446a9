"""Sealing and proving the audit log.

Who writes an event waits for nothing: a sweep seals what is committed. It looks for rows that have
no link yet instead of rows after the last one, because the row of a long transaction appears behind
younger ones.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.db.models import Exists, Max, OuterRef, QuerySet
from django.utils import timezone

from accounts.audit.chain import START, content_of_event, content_of_log_entry, next_digest
from accounts.audit.heads import is_in_log, keep_head, kept_head
from accounts.audit.models import AuditRecord
from accounts.security.models import SecurityEvent

logger = logging.getLogger(__name__)

BATCH = 2_000
# So far behind the newest link a row may still appear that is older than it.
_LATE = timedelta(days=1)
# What is older than this and has no link is a finding, not a sweep that has yet to come.
_SOON = timedelta(minutes=10)
_MOST_PROBLEMS = 20


@dataclass
class AuditReport:
    """What proving found. `head` is "number:digest" of the last link: keep it elsewhere."""

    records: int = 0
    head: str = f"0:{START}"
    problems: list[str] = field(default_factory=list)

    @property
    def ok(self) -> bool:
        """Whether nothing was changed, left out, put in or cut off."""
        return not self.problems

    def add(self, problem: str) -> None:
        """One more; the first twenty are enough to look into."""
        if len(self.problems) < _MOST_PROBLEMS:
            self.problems.append(problem)


def seal_audit() -> int:
    """Add a link for what was committed and has none; how many. At most one batch of each kind.
    The newest head is then kept in a file outside the database.

    Two at once: the number decides, and the second one leaves it to the next run.
    """
    try:
        with transaction.atomic():
            links = _seal()
    except IntegrityError:
        return 0
    if links:
        head = _head_of(links[-1])
        keep_head(head)
        # The logs go to another machine: a head there is what nobody in the database can change.
        logger.info("audit log sealed", extra={"audit_head": head})
    return len(links)


def verify_audit(*, expected_head: str = "") -> AuditReport:
    """Recompute the chain and compare every link with the row that it seals.

    The end of the log is compared with the head in the file outside the database, and with
    `expected_head`, one that was kept elsewhere ("number:digest").
    """
    report = _verify_links(expected_head)
    _add_unsealed(report)
    return report


def verify_and_seal(*, expected_head: str = "") -> AuditReport:
    """The same, and seal what has come meanwhile; in this order, since sealing on would hide that
    the end was cut off. The report's head is the newest one."""
    report = _verify_links(expected_head)
    while seal_audit():
        continue
    _add_unsealed(report)
    newest = AuditRecord.objects.first()
    report.head = _head_of(newest) if newest else report.head
    return report


def _verify_links(expected_head: str) -> AuditReport:
    report = AuditReport()
    # Read before the links: the sweep may add some meanwhile, and never takes one away.
    heads = [head for head in (kept_head(), expected_head) if head]
    before, number = START, 0
    for record in AuditRecord.objects.order_by("number").iterator(chunk_size=BATCH):
        number += 1
        if record.number != number:
            report.add(f"number {number} is missing: the next one is {record.number}")
            number = record.number
        before = next_digest(before, record.number, record.content)
        if not hmac.compare_digest(before, record.digest):
            report.add(f"record {record.number} is not what was sealed")
            before = record.digest
        report.records += 1
        report.head = _head_of(record)
    for head in heads:
        if not is_in_log(head):
            report.add(f"the head {head} is not in the log: it was cut off or rewritten")
    _compare_with_rows(report)
    return report


def _seal() -> list[AuditRecord]:
    last = AuditRecord.objects.order_by("-number").first()
    number, digest = (last.number, last.digest) if last else (0, START)
    found = sorted(_unsealed(), key=lambda row: (row[2], row[0], row[1]))
    links = []
    for source, pk, at, content in found:
        number += 1
        digest = next_digest(digest, number, content)
        links.append(
            AuditRecord(
                number=number, source=source, source_id=pk, at=at, content=content, digest=digest
            )
        )
    AuditRecord.objects.bulk_create(links, batch_size=500)
    return links


def _head_of(record: AuditRecord) -> str:
    return f"{record.number}:{record.digest}"


def _unsealed() -> list[tuple[str, int, datetime, str]]:
    newest = AuditRecord.objects.aggregate(newest=Max("at"))["newest"]
    since = newest - _LATE if newest else None
    events = SecurityEvent.objects.exclude(_has_link(AuditRecord.Source.EVENT))
    entries = LogEntry.objects.exclude(_has_link(AuditRecord.Source.ADMIN))
    if since is not None:
        events = events.filter(created_at__gte=since)
        entries = entries.filter(action_time__gte=since)
    return [
        *(
            (AuditRecord.Source.EVENT.value, event.pk, event.created_at, content_of_event(event))
            for event in events.order_by("pk")[:BATCH]
        ),
        *(
            (
                AuditRecord.Source.ADMIN.value,
                entry.pk,
                entry.action_time,
                content_of_log_entry(entry),
            )
            for entry in entries.order_by("pk")[:BATCH]
        ),
    ]


def _has_link(source: str) -> Exists:
    return Exists(AuditRecord.objects.filter(source=source, source_id=OuterRef("pk")))


def _compare_with_rows(report: AuditReport) -> None:
    """Every link has its row as it was."""
    events = AuditRecord.objects.filter(source=AuditRecord.Source.EVENT)
    for chunk in _chunks(events):
        rows = SecurityEvent.objects.in_bulk([record.source_id for record in chunk])
        for record in chunk:
            event = rows.get(record.source_id)
            _compare(report, record, content_of_event(event) if event else None)
    entries = AuditRecord.objects.filter(source=AuditRecord.Source.ADMIN)
    for chunk in _chunks(entries):
        written = LogEntry.objects.in_bulk([record.source_id for record in chunk])
        for record in chunk:
            entry = written.get(record.source_id)
            _compare(report, record, content_of_log_entry(entry) if entry else None)


def _add_unsealed(report: AuditReport) -> None:
    """Every row that is not brand new has its link."""
    old = timezone.now() - _SOON
    for name, rest in (
        ("event", SecurityEvent.objects.filter(created_at__lt=old)),
        ("admin", LogEntry.objects.filter(action_time__lt=old)),
    ):
        for pk in rest.exclude(_has_link(name)).values_list("pk", flat=True)[:_MOST_PROBLEMS]:
            report.add(f"{name} {pk} was never sealed")


def _compare(report: AuditReport, record: AuditRecord, content: str | None) -> None:
    if content is None:
        report.add(f"the {record.source} of record {record.number} is gone")
    elif content != record.content:
        report.add(f"the {record.source} of record {record.number} was changed")


def _chunks(records: QuerySet[AuditRecord]) -> Iterator[list[AuditRecord]]:
    chunk: list[AuditRecord] = []
    for record in records.order_by("number").iterator(chunk_size=BATCH):
        chunk.append(record)
        if len(chunk) == BATCH:
            yield chunk
            chunk = []
    if chunk:
        yield chunk
