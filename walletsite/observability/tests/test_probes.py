"""What machines ask: is it alive, is it ready, what are the figures."""

from __future__ import annotations

import signal
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from tests.services.redis import RedisServer
from walletsite.observability import readiness
from walletsite.observability.readiness import Part


@pytest.fixture(autouse=True)
def looks_are_fresh(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nothing that an earlier test found still counts."""
    parts = tuple(Part(part.name, part._look) for part in readiness.PARTS)
    monkeypatch.setattr(readiness, "PARTS", parts)


def broken(*names: str) -> tuple[Part, ...]:
    def fail() -> None:
        raise OSError("the password of the database is swordfish")

    return tuple(
        Part(part.name, fail if part.name in names else part._look) for part in readiness.PARTS
    )


def test_alive_is_said_to_any_host_without_redirect_session_or_database(
    client: Client, settings: Any, django_assert_num_queries: Any
) -> None:
    settings.SECURE_SSL_REDIRECT = True
    client.cookies["wallet"] = "somebody"
    answer = client.get("/healthz", headers={"host": "10.1.2.3:8000"})
    assert (answer.status_code, answer.content, answer.cookies) == (200, b"ok\n", {})
    assert client.post("/healthz").status_code == 405


@pytest.mark.django_db
def test_ready_when_every_part_is_in_order(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/readyz", headers={"host": "10.1.2.3"})
    assert answer.status_code == 200
    assert answer.json()["parts"] == dict.fromkeys(
        ("database", "broker", "cache", "keys", "disk"), "ok"
    )
    assert not answer.cookies


@pytest.mark.django_db
@pytest.mark.parametrize("name", ["database", "broker", "keys", "disk"])
def test_a_broken_part_is_named_and_nothing_else_is_said(
    client: Client, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    monkeypatch.setattr(readiness, "PARTS", broken(name))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert [part for part, said in answer.json()["parts"].items() if said != "ok"] == [name]
    assert b"swordfish" not in answer.content


@pytest.mark.django_db
def test_a_migration_that_was_not_applied_is_not_ready(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    newer = readiness.needed_migrations() | {("payments", "9999_tomorrow")}
    monkeypatch.setattr(readiness, "needed_migrations", lambda: newer)
    assert client.get("/readyz").json()["parts"]["database"] == "failed"


@pytest.mark.django_db
def test_a_part_that_hangs_is_answered_in_time_and_never_asked_twice(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    looks: list[int] = []
    release = threading.Event()

    def hang() -> None:
        looks.append(1)
        release.wait(30)

    monkeypatch.setattr(readiness, "PARTS", (Part("database", hang),))
    for _ in range(2):
        began = time.monotonic()
        assert client.get("/readyz").status_code == 503
        assert time.monotonic() - began < 2
    assert len(looks) == 1
    release.set()
    until = time.monotonic() + 5
    while client.get("/readyz").status_code != 200 and time.monotonic() < until:
        time.sleep(0.05)
    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
@pytest.mark.redis
def test_a_frozen_redis_is_said_within_two_seconds(
    client: Client, settings: Any, redis_server: RedisServer
) -> None:
    settings.REDIS_URL = redis_server.url
    assert client.get("/readyz").json()["parts"]["broker"] == "ok"
    redis_server.process.send_signal(signal.SIGSTOP)
    try:
        time.sleep(1.1)
        began = time.monotonic()
        answer = client.get("/readyz")
        assert time.monotonic() - began < 2
        assert answer.json()["parts"]["broker"] == "failed"
    finally:
        redis_server.process.send_signal(signal.SIGCONT)


@pytest.fixture
def black_hole() -> Iterator[int]:
    """A port that takes connections and never says a word."""
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen(8)
        yield listener.getsockname()[1]


@pytest.mark.django_db
def test_a_black_holed_postgresql_is_said_within_two_seconds(
    client: Client, monkeypatch: pytest.MonkeyPatch, black_hole: int
) -> None:
    from django.db.backends.postgresql.base import DatabaseWrapper

    settings_dict = {
        "ENGINE": "django.db.backends.postgresql", "NAME": "wallet", "USER": "wallet",
        "PASSWORD": "", "HOST": "127.0.0.1", "PORT": str(black_hole), "OPTIONS": {},
        "CONN_MAX_AGE": 0, "TIME_ZONE": None, "AUTOCOMMIT": True, "ATOMIC_REQUESTS": False,
        "CONN_HEALTH_CHECKS": False, "TEST": {},
    }  # fmt: skip

    class Connections(dict[str, Any]):
        def __missing__(self, alias: str) -> Any:
            return DatabaseWrapper(settings_dict, alias)

    monkeypatch.setattr(readiness, "connections", Connections())
    began = time.monotonic()
    answer = client.get("/readyz")
    assert time.monotonic() - began < 2
    assert answer.json()["parts"]["database"] == "failed"
