"""What every test may ask for."""

from __future__ import annotations

import os
from collections.abc import Iterator
from typing import Any

import pytest
from django.core.cache import cache

from ledger.tests.flush import append_only_tables_can_be_flushed
from tests.cast import alice, bob, mallory, olivia, phones
from tests.services.browser import FLAGS, find_chromium
from tests.services.redis import RedisServer, running_redis
from walletsite.translations import compile_catalogues

pytest_plugins = ["tests.secrets_in_logs", "tests.secrets_in_pages"]
__all__ = ["alice", "append_only_tables_can_be_flushed", "bob", "mallory", "olivia", "phones"]

# A browser test has an event loop in its thread, and still uses the database the plain way.
os.environ.setdefault("DJANGO_ALLOW_ASYNC_UNSAFE", "true")


def pytest_configure() -> None:
    """Pages are in the languages that they have in production."""
    compile_catalogues()


def pytest_report_header() -> list[str]:
    """Say which database this run is on."""
    return [f"database: {os.environ.get('WALLET_TEST_DATABASE', 'sqlite')}"]


@pytest.fixture(scope="session")
def django_db_setup(django_db_setup: None, django_db_blocker: Any) -> None:
    """The cache has a table of its own on the embedded database."""
    from django.core.management import call_command

    with django_db_blocker.unblock():
        call_command("createcachetable", verbosity=0)


@pytest.fixture(autouse=True)
def nothing_is_remembered(request: pytest.FixtureRequest) -> None:
    """Counts of the last test lock nobody in this one. Axes counts in rows, which roll back."""
    uses_database = request.node.get_closest_marker("django_db") is not None
    if uses_database or {"db", "transactional_db", "live_server"} & set(request.fixturenames):
        request.getfixturevalue("db")
        cache.clear()


@pytest.fixture(scope="session")
def redis_server() -> Iterator[RedisServer]:
    """A Redis of this test process."""
    with running_redis() as server:
        yield server


@pytest.fixture(scope="session")
def browser() -> Iterator[Any]:
    """One Chromium for the session."""
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_chromium(), args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def context(browser: Any, live_server: Any) -> Iterator[Any]:
    """A visitor with no history, in English, with a phone-sized window."""
    context = browser.new_context(
        base_url=live_server.url, locale="en-GB", viewport={"width": 390, "height": 844}
    )
    context.set_default_timeout(10_000)
    yield context
    context.close()


@pytest.fixture
def page(context: Any) -> Any:
    """A tab of that visitor."""
    return context.new_page()
