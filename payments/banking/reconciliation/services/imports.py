"""Taking a file from the bank in: refused as a whole, or written down in one transaction.

Idempotent by the file's SHA-256; by account and statement id for statements that come in another
file; by order and state for answers. What follows from the rows is worked out afterwards, row by
row, each in its own transaction; a crash in between leaves rows that the next run works out.
"""

from __future__ import annotations

import logging
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db import IntegrityError
from django.utils import timezone

from payments.banking.rails.iso20022.documents import (
    PAIN_002,
    PAIN_002_OLD,
    Document,
    DocumentRefused,
    read_document,
)
from payments.banking.rails.iso20022.statements import read_statements
from payments.banking.rails.iso20022.status_reports import read_status_report
from payments.banking.reconciliation.folders import read_file
from payments.banking.reconciliation.models import BankFile
from payments.banking.reconciliation.services.answers import apply_report, check_report
from payments.banking.reconciliation.services.cases import open_case
from payments.banking.reconciliation.services.matching import finish_what_waits
from payments.banking.reconciliation.services.statements import check_statements, store_statements
from payments.banking.reconciliation.states import CaseKind, FileDirection, FileState
from payments.processing.retries import in_one_transaction

logger = logging.getLogger(__name__)

# The file's row, and whether this call changed it.
Taken = tuple[BankFile, bool]


@dataclass(frozen=True, slots=True)
class ImportResult:
    """What became of a file. `is_new` is False when its bytes were taken in before."""

    file: BankFile
    is_new: bool

    @property
    def is_refused(self) -> bool:
        """Nothing of it was used; a case says why."""
        return self.file.state == FileState.REFUSED


def import_bank_file(*, path: Path) -> ImportResult:
    """Take one file in, with everything that follows from it. Again is harmless.

    Never raises for what stands in the file: a file that cannot be used is refused as a whole,
    and is a case. Raises NotReadable when there is no plain file to read. Outside every
    transaction.
    """
    content, sha256 = read_file(path, most_bytes=settings.BANK_FILES["most_bytes"])
    file, is_new = _find(sha256), False
    if file is None or file.state == FileState.REFUSED:
        # Why a file was refused may have gone since: a setting put right, a file of ours known
        # again after a restore.
        file, is_new = _take(path.name, sha256, content)
    finish_what_waits()
    return ImportResult(file=file, is_new=is_new)


def _take(name: str, sha256: str, content: bytes) -> Taken:
    take = _taker(name, sha256, content)
    try:
        return in_one_transaction(take)
    except IntegrityError:
        # The same bytes, or the same statement, taken in by somebody else in this moment: what
        # they wrote can be seen now.
        return in_one_transaction(take)


def _find(sha256: str) -> BankFile | None:
    return BankFile.objects.filter(direction=FileDirection.IN, sha256=sha256).first()


def _taker(name: str, sha256: str, content: bytes) -> Callable[[], Taken]:
    """Read and check outside the transaction; what is left to do inside one."""
    try:
        document = read_document(content, most_bytes=settings.BANK_FILES["most_bytes"])
        store = _reader(document)
    except DocumentRefused as refused:
        fault = refused
        return lambda: _refuse(name, sha256, fault)
    except Exception as error:
        # Valid for the schema, and still nothing that we can read: never half of it.
        logger.error("a bank file cannot be read (%s)", type(error).__name__)
        fault = DocumentRefused("unreadable", type(error).__name__)
        return lambda: _refuse(name, sha256, fault)

    def take() -> Taken:
        known = BankFile.objects.select_for_update().filter(
            direction=FileDirection.IN, sha256=sha256
        )
        file = known.first() or BankFile(direction=FileDirection.IN, sha256=sha256)
        if file.pk is not None and file.state != FileState.REFUSED:
            return file, False
        file.name, file.kind, file.state = name[:200], document.kind, FileState.IMPORTED
        file.fault = file.fault_place = ""
        file.done_at, file.worked_out_at = timezone.now(), None
        try:
            # Checks first what depends on our own rows, then writes.
            store(file)
        except DocumentRefused as refused:
            return _refuse(name, sha256, refused, kind=document.kind)
        logger.info("bank file %s (%s): %s", file.pk, file.kind, file.state)
        return file, True

    return take


def _reader(document: Document) -> Callable[[BankFile], None]:
    """Read a document; how to check it against our rows and write it down."""
    if document.kind in (PAIN_002, PAIN_002_OLD):
        report = read_status_report(document)

        def store_report(file: BankFile) -> None:
            original = check_report(report=report)
            file.message_id = report.message_id
            file.row_count = sum(len(payment.orders) for payment in report.payments)
            file.save()
            apply_report(report=report, original=original, file=file)

        return store_report
    statements = read_statements(document)

    def store_all(file: BankFile) -> None:
        check_statements(statements=statements)
        file.row_count = sum(len(statement.rows) for statement in statements)
        file.save()
        store_statements(statements=statements, file=file)

    return store_all


def _refuse(name: str, sha256: str, fault: DocumentRefused, *, kind: str = "") -> Taken:
    file, is_new = BankFile.objects.get_or_create(
        direction=FileDirection.IN,
        sha256=sha256,
        defaults={
            "kind": kind,
            "name": name[:200],
            "state": FileState.REFUSED,
            "fault": fault.code,
            "fault_place": fault.where[:200],
            "done_at": timezone.now(),
        },
    )
    if not is_new:
        return file, False
    differs = fault.code == CaseKind.STATEMENT_DIFFERS
    open_case(
        key=f"file:{sha256}",
        kind=CaseKind.STATEMENT_DIFFERS if differs else CaseKind.FILE_REFUSED,
        facts={"file": name[:100], "fault": fault.code, "where": fault.where[:200]},
        file=file,
    )
    logger.warning("bank file %s refused: %s", file.pk, fault.code)
    return file, True
