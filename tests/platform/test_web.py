"""The embedded server behind a proxy: whose address arrives, and whose does not."""

from __future__ import annotations

import json
import socket
import threading
from collections.abc import Iterator
from http.client import HTTPConnection
from typing import Any

import pytest

from walletsite.proxies import TrustedProxies
from walletsite.web import make_server

pytestmark = pytest.mark.once
CLAIMS = {
    "X-Forwarded-For": "203.0.113.7", "X-Forwarded-Proto": "https", "X-Request-ID": "a" * 32,
}  # fmt: skip


def application(environ: dict[str, Any], start_response: Any) -> list[bytes]:
    """Answers with what it was told about the client."""
    start_response("200 OK", [("Content-Type", "application/json")])
    names = ("REMOTE_ADDR", *("HTTP_" + each.upper().replace("-", "_") for each in CLAIMS))
    return [json.dumps([environ.get(name) for name in names]).encode()]


@pytest.fixture
def trusted(request: pytest.FixtureRequest) -> Iterator[int]:
    """A server that trusts these proxies; its port."""
    listener = socket.create_server(("127.0.0.1", 0))
    server = make_server(TrustedProxies(application, request.param), listener)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    yield listener.getsockname()[1]
    server.close()
    thread.join(timeout=10)


def told(port: int) -> list[str | None]:
    """What the application heard of a request with claims."""
    connection = HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", "/", headers={**CLAIMS, "Connection": "close"})
    found: list[str | None] = json.loads(connection.getresponse().read())
    connection.close()
    return found


@pytest.mark.parametrize("trusted", [["127.0.0.1"]], indirect=True)
def test_behind_a_proxy_of_ours_everybody_has_an_address_of_their_own(trusted: int) -> None:
    assert told(trusted) == ["127.0.0.1", *CLAIMS.values()]


@pytest.mark.parametrize("trusted", [["198.51.100.1"], []], indirect=True)
def test_what_a_stranger_claims_does_not_arrive(trusted: int) -> None:
    assert told(trusted) == ["127.0.0.1", None, None, None]
