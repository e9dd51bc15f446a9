"""The site as it is served, on a port of this machine, with the database of the test behind it."""

from __future__ import annotations

import socket
import threading
from collections.abc import Iterator
from typing import Any

import pytest

from accounts.users.models import User
from tests.attacks.walks import Site
from tests.cast import wallet_with


@pytest.fixture(scope="session")
def served_port() -> Iterator[int]:
    """The embedded web server with the whole stack of middleware, in threads of this process."""
    from django.conf import settings
    from django.core.handlers.wsgi import WSGIHandler

    from walletsite.web import make_server

    # Without `collectstatic` the static files come from where they lie.
    settings.WHITENOISE_USE_FINDERS = True
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    server: Any = make_server(WSGIHandler(), listener)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.close()
    thread.join(timeout=10)


@pytest.fixture
def site(served_port: int, transactional_db: None, phones: Any) -> Iterator[Site]:
    """The site under attack; an answer of the 5xx kind is a defect, whatever the test looks at."""
    site = Site(served_port)
    yield site
    assert not site.broken


@pytest.fixture
def rich_alice(transactional_db: None, alice: User, bob: User, mallory: User) -> User:
    """alice with 100.00; bob and mallory have wallets with nothing in them."""
    wallet_with(alice, "100.00")
    wallet_with(bob)
    wallet_with(mallory)
    return alice
