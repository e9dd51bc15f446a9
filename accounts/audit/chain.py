"""How links are made: the text of a row, and the digest over it and everything before it."""

from __future__ import annotations

import hashlib
import json
from datetime import UTC, datetime
from typing import Any

from django.contrib.admin.models import LogEntry

from accounts.audit.models import AuditRecord
from accounts.security.models import SecurityEvent

# What stands before the first link.
START = "0" * 64


def next_digest(before: str, number: int, content: str) -> str:
    """SHA-256 over the digest before, the number and the content; 64 hex digits."""
    return hashlib.sha256(f"{before}\n{number}\n{content}".encode()).hexdigest()


def content_of_event(event: SecurityEvent) -> str:
    """Everything that stands in the row, people by their numbers inside."""
    return _text(
        AuditRecord.Source.EVENT,
        event.pk,
        event.created_at,
        kind=event.kind,
        about=event.user_id,
        by=event.actor_id,
        address=event.address,
        details=event.details,
    )


def content_of_log_entry(entry: LogEntry) -> str:
    """What Django's admin wrote down."""
    return _text(
        AuditRecord.Source.ADMIN,
        entry.pk,
        entry.action_time,
        flag=entry.action_flag,
        by=entry.user_id,
        model=entry.content_type_id,
        object=entry.object_id,
        said=entry.change_message,
    )


def _text(source: str, pk: int, at: datetime, **facts: Any) -> str:
    whole = {"source": str(source), "id": pk, "at": at.astimezone(UTC).isoformat(), **facts}
    return json.dumps(whole, sort_keys=True, ensure_ascii=False, separators=(",", ":"))
