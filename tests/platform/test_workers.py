"""A real worker takes a text message from a row to the phone, on Redis and on the file queue."""

from __future__ import annotations

import time
from collections.abc import Callable

import pytest

from accounts.phone.models import DemoMessage, SmsCode
from accounts.phone.services import request_code
from accounts.phone.states import Asker
from accounts.phone.tasks import deliver_code
from tests.services.celery_worker import running_worker
from tests.services.redis import RedisServer
from walletsite.celery import app

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.serial]

PHONE = "+8613800136027"


def ask_for_a_code() -> None:
    request_code(
        purpose="sign_up",
        phone=PHONE,
        session_key="s" * 32,
        address="192.0.2.1",
        asker=Asker.STRANGER,
    )


def wait_for(is_true: Callable[[], bool], seconds: float = 25) -> None:
    until = time.monotonic() + seconds
    while not is_true():
        assert time.monotonic() < until, "it did not happen in time"
        time.sleep(0.1)


def is_delivered() -> bool:
    return DemoMessage.objects.filter(phone=PHONE).exists()


@pytest.fixture
def nobody_wakes_the_worker(monkeypatch: pytest.MonkeyPatch) -> None:
    """The broker lost every message: only the sweep can find the row."""
    monkeypatch.setattr("accounts.phone.services.wake_sender", lambda _row_id: None)


@pytest.mark.redis
def test_over_redis_the_sweep_finds_a_message_that_nobody_pushed(
    redis_server: RedisServer, nobody_wakes_the_worker: None
) -> None:
    ask_for_a_code()
    with running_worker(redis_url=redis_server.url):
        wait_for(is_delivered)
    assert DemoMessage.objects.filter(phone=PHONE).count() == 1


@pytest.mark.redis
def test_over_redis_a_pushed_message_is_sent_by_the_worker(redis_server: RedisServer) -> None:
    with running_worker(redis_url=redis_server.url):
        ask_for_a_code()
        with app.connection_for_write(url=redis_server.url) as broker:
            for _twice in range(2):
                deliver_code.apply_async(args=(_only_row(),), connection=broker)
        wait_for(is_delivered)
    assert DemoMessage.objects.filter(phone=PHONE).count() == 1


def test_on_the_file_queue_a_message_reaches_the_phone() -> None:
    with running_worker():
        ask_for_a_code()
        wait_for(is_delivered)
    assert DemoMessage.objects.filter(phone=PHONE).count() == 1


def test_a_worker_killed_before_it_began_leaves_the_message_to_the_next() -> None:
    with running_worker() as worker:
        worker.kill()
        worker.wait()
        ask_for_a_code()
    with running_worker():
        wait_for(is_delivered)
    assert DemoMessage.objects.filter(phone=PHONE).count() == 1


def _only_row() -> int:
    return int(SmsCode.objects.get().pk)
