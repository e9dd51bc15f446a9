"""The newest head of the audit log, kept in a file outside the database.

Who holds the whole database can cut off the end of the log, or write its end anew with digests that
fit. The file, which the database's administrators cannot write, is what shows it.
"""

from __future__ import annotations

import hmac
import logging
import os
from pathlib import Path

from django.conf import settings

from accounts.audit.models import AuditRecord

logger = logging.getLogger(__name__)


def kept_head() -> str:
    """The head ("number:digest") in the file; empty where none is kept or none was kept yet."""
    path = _path()
    return path.read_text(encoding="ascii").strip() if path and path.exists() else ""


def is_in_log(head: str) -> bool:
    """Whether the log has this link, with this digest."""
    number, _colon, digest = head.partition(":")
    if not number.isascii() or not number.isdigit():
        return False
    record = AuditRecord.objects.filter(number=number).first()
    return record is not None and hmac.compare_digest(record.digest, digest)


def keep_head(head: str) -> None:
    """Put a newer head in the place of the kept one. A kept one that the log has no more is left
    as it is, for `verify_audit`: sealing on must not wipe out what shows the cut."""
    path, kept = _path(), kept_head()
    if path is None:
        return
    if kept and not is_in_log(kept):
        logger.critical("the audit log lacks the head that was kept: it was cut off or rewritten")
        return
    try:
        _write(path, head)
    except OSError:
        # The log in the database goes on; the kept head is older, and still true.
        logger.exception("the head of the audit log could not be kept")


def set_head_aside() -> Path | None:
    """Begin anew where another log takes the place of this one (a backup brought back); returns
    where the old head lies now, None when there was none."""
    path = _path()
    if path is None or not path.exists():
        return None
    aside = path.with_name(f"{path.name}.before")
    path.replace(aside)
    return aside


def _write(path: Path, head: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    newer = path.with_name(f"{path.name}.{os.getpid()}")
    with newer.open("w", encoding="ascii") as file:
        os.fchmod(file.fileno(), 0o600)
        file.write(head + "\n")
        file.flush()
        os.fsync(file.fileno())
    newer.replace(path)


def _path() -> Path | None:
    return Path(settings.AUDIT["head_file"]) if settings.AUDIT["head_file"] else None
