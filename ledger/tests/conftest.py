"""Every test that asks for `books` runs once per engine that this database has.

SQLite has the portable engine; PostgreSQL has its own and the portable one. The books are proven
after each such test, whatever it did.
"""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from django.conf import settings

from ledger.tests.books import Books
from ledger.tests.flush import append_only_tables_can_be_flushed

__all__ = ["append_only_tables_can_be_flushed"]


def has_postgresql() -> bool:
    """True when this test run is on PostgreSQL."""
    return "postgresql" in str(settings.DATABASES["default"]["ENGINE"])


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """One run per engine."""
    if "engine" in metafunc.fixturenames:
        engines = ["postgresql", "portable"] if has_postgresql() else ["portable"]
        metafunc.parametrize("engine", engines, indirect=True)


@pytest.fixture
def engine(request: pytest.FixtureRequest, settings: object) -> str:
    """The engine under test, by name."""
    settings.LEDGER_ENGINE = request.param  # type: ignore[attr-defined]
    name: str = request.param
    return name


@pytest.fixture
def books(engine: str, db: None) -> Iterator[Books]:
    """A ledger with a bank in it, on the engine under test; proven at the end."""
    books = Books()
    yield books
    books.prove()
