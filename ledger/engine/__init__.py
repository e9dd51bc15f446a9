"""Where value moves, once per kind of database.

`PostgreSQLEngine` does one entry in one round trip; `PortableEngine` does the same with the ORM on
any database. Both keep the same promises and pass the same conformance suite
(`ledger/tests/conformance.py`). Only `ledger.services` may call an engine.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Protocol

from django.conf import settings
from django.core.signals import setting_changed
from django.db import connections, router

from ledger.models import Hold, HoldResolution, JournalEntry
from ledger.values import Entry, EntryDraft


class Engine(Protocol):
    """What an engine promises: each call writes all or nothing, and joins an open transaction."""

    def post_entry(self, draft: EntryDraft, digest: str, now: datetime) -> Entry:
        """Book one checked draft."""
        ...

    def post_entries(
        self, drafts: Sequence[EntryDraft], digests: Sequence[str], now: datetime
    ) -> list[Entry]:
        """Book many checked drafts, all or none, in order."""
        ...

    def place_hold(self, hold: Hold) -> Hold:
        """Reserve what an unsaved hold asks for."""
        ...

    def resolve_hold(self, hold: Hold, resolution: HoldResolution) -> HoldResolution:
        """End a hold in the way of an unsaved resolution; a capture books its entry."""
        ...

    def fold(self, account_id: int) -> int:
        """Add the unfolded increases of a hot account to its counters; how many there were."""
        ...


def current_engine() -> Engine:
    """The engine of the database that keeps the books.

    `LEDGER_ENGINE = "portable"` in the settings takes the portable one on PostgreSQL too.
    """
    return _engine(router.db_for_write(JournalEntry))


@cache
def _engine(alias: str) -> Engine:
    """Engines keep nothing but their alias, so one of each is enough."""
    is_portable_wanted = getattr(settings, "LEDGER_ENGINE", "") == "portable"
    if connections[alias].vendor == "postgresql" and not is_portable_wanted:
        from ledger.engine.postgresql import PostgreSQLEngine

        return PostgreSQLEngine(alias)
    from ledger.engine.portable import PortableEngine

    return PortableEngine(alias)


def _forget_engines(*, setting: str, **_: object) -> None:
    if setting in ("LEDGER_ENGINE", "DATABASES"):
        _engine.cache_clear()


# Sent by Django's override_settings: only tests change settings while the site runs.
setting_changed.connect(_forget_engines)
