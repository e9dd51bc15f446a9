"""Sealing and proving the audit log.

Who writes an event waits for nothing: a sweep seals what is committed. It looks for rows that have
no link yet instead of rows after the last one, because the row of a long transaction appears behind
younger ones; by their ids, because clocks jump.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, transaction
from django.db.models import Exists, Model, OuterRef, QuerySet
from django.utils import timezone

from accounts.audit.chain import START, content_of_event, content_of_log_entry, next_digest
from accounts.audit.heads import is_in_log, keep_head, kept_head
from accounts.audit.models import AuditMark, AuditRecord
from accounts.security.horizon import look_at
from accounts.security.models import SecurityEvent

logger = logging.getLogger(__name__)

BATCH = 2_000
# A row dated so far before one that was sealed earlier is worth a look.
_LATE = timedelta(days=1)
# Where nothing is marked yet, so many rows behind the newest link are looked at again.
_MARGIN = 100_000
# What is older than this and has no link is a finding, not a sweep that has yet to come.
_SOON = timedelta(minutes=10)
_MOST_PROBLEMS = 20


class _Row(NamedTuple):
    """What becomes a link."""

    source: str
    pk: int
    at: datetime
    content: str


class _Table(NamedTuple):
    """Where rows come from, and how they are read."""

    source: str
    model: type[Model]
    at: Callable[[Any], datetime]
    content: Callable[[Any], str]


_TABLES = (
    _Table("event", SecurityEvent, lambda event: event.created_at, content_of_event),
    _Table("admin", LogEntry, lambda entry: entry.action_time, content_of_log_entry),
)


@dataclass
class AuditReport:
    """What proving found. `head` is "number:digest" of the last link: keep it elsewhere."""

    records: int = 0
    head: str = f"0:{START}"
    problems: list[str] = field(default_factory=list)
    # Nothing wrong by itself: where a clock jumped, or rows were put in under an older date.
    notes: list[str] = field(default_factory=list)

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
    newest: datetime | None = None
    is_behind = False
    for record in AuditRecord.objects.order_by("number").iterator(chunk_size=BATCH):
        number += 1
        if record.number != number:
            report.add(f"number {number} is missing: the next one is {record.number}")
            number = record.number
        before = next_digest(before, record.number, record.content)
        if not hmac.compare_digest(before, record.digest):
            report.add(f"record {record.number} is not what was sealed")
            before = record.digest
        was_behind, is_behind = is_behind, newest is not None and record.at < newest - _LATE
        newest = record.at if newest is None else max(newest, record.at)
        if is_behind and not was_behind and len(report.notes) < _MOST_PROBLEMS:
            report.notes.append(
                f"from record {record.number} on dates are more than a day before earlier ones: "
                "a clock was set, or rows were put in under an older date"
            )
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
    found = [row for table in _TABLES for row in _unsealed(table)]
    found.sort(key=lambda row: (row.at, row.source, row.pk))
    links = []
    for row in found:
        number += 1
        digest = next_digest(digest, number, row.content)
        links.append(
            AuditRecord(
                number=number,
                source=row.source,
                source_id=row.pk,
                at=row.at,
                content=row.content,
                digest=digest,
            )
        )
    AuditRecord.objects.bulk_create(links, batch_size=500)
    return links


def _head_of(record: AuditRecord) -> str:
    return f"{record.number}:{record.digest}"


def _unsealed(table: _Table) -> list[_Row]:
    """The next rows without a link, by their ids: no clock has a say in it. Moves the mark over
    what is complete, so that a sweep looks at little, however long the table is."""
    mark = _mark_of(table)
    horizon = look_at(table.model)
    complete = horizon.highest_id
    if horizon.oldest is not None:
        is_over = horizon.oldest >= mark.horizon_moment
        complete = mark.horizon_id if is_over else mark.sealed_id
    fresh = table.model._default_manager.filter(pk__gt=mark.sealed_id)
    rows = list(fresh.exclude(_has_link(table.source)).order_by("pk")[:BATCH])
    if len(rows) == BATCH:
        # What lies behind the batch has no link yet.
        complete = min(complete, rows[-1].pk)
    mark.sealed_id = max(mark.sealed_id, complete)
    # The number goes back only with the whole server, from a copy of it: noted anew then.
    if mark.sealed_id >= mark.horizon_id or horizon.moment < mark.horizon_moment:
        mark.horizon_id, mark.horizon_moment = horizon.highest_id, horizon.moment
    mark.save()
    return [_Row(table.source, row.pk, table.at(row), table.content(row)) for row in rows]


def _mark_of(table: _Table) -> AuditMark:
    """Its mark; where there is none yet, a little before the newest row that has a link."""
    mark = AuditMark.objects.filter(source=table.source).first()
    if mark is not None:
        return mark
    sealed = AuditRecord.objects.filter(source=table.source).order_by("-source_id")
    newest = sealed.values_list("source_id", flat=True).first() or 0
    return AuditMark(source=table.source, sealed_id=max(0, newest - _MARGIN))


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
