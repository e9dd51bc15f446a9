"""A worker in a container of its own answers for its own counts."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any
from urllib.error import HTTPError
from urllib.request import ProxyHandler, Request, build_opener

import pytest

from walletsite.observability.counters import TASKS
from walletsite.observability.worker import make_worker_server


@pytest.fixture
def address() -> Iterator[str]:
    server = make_worker_server("127.0.0.1", 0)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()
    server.server_close()
    thread.join()


def ask(address: str, token: str = "") -> tuple[int, str]:
    request = Request(address, headers={"Authorization": f"Bearer {token}"} if token else {})
    try:
        with build_opener(ProxyHandler({})).open(request, timeout=5) as answer:
            return answer.status, answer.read().decode()
    except HTTPError as error:
        return error.code, error.read().decode()


def test_it_answers_through_the_same_door_as_the_site(address: str, settings: Any) -> None:
    TASKS.labels("test.something", "success").inc()
    settings.METRICS = {**settings.METRICS, "token": "long-and-random", "addresses": []}
    assert ask(f"{address}/healthz") == (200, "ok\n")
    assert ask(f"{address}/metrics")[0] == 401
    assert ask(f"{address}/metrics", "wrong")[0] == 401
    status, said = ask(f"{address}/metrics", "long-and-random")
    assert status == 200
    assert 'wallet_tasks_total{outcome="success",task="test.something"}' in said
    # Rows are the same everywhere: the web servers answer for them.
    assert "wallet_payments_total" not in said
    assert ask(f"{address}/anything")[0] == 404
    settings.METRICS = {**settings.METRICS, "token": "", "addresses": []}
    assert ask(f"{address}/metrics")[0] == 404
