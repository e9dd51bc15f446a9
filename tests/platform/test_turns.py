"""Writers on SQLite take turns: whoever has just come goes behind those who wait."""

from __future__ import annotations

import threading
import time

import pytest
from django.db import connections, transaction

from walletsite import turns


def test_who_comes_first_is_served_first() -> None:
    queue, served = turns.Queue(), []

    def wait(number: int) -> None:
        with queue.turn(patience_seconds=30):
            served.append(number)

    threads = [threading.Thread(target=wait, args=(number,)) for number in range(10)]
    with queue.turn(patience_seconds=30):
        for already, thread in enumerate(threads, start=1):
            thread.start()
            while len(queue._waiting) <= already:
                time.sleep(0.001)
        assert served == []
    for thread in threads:
        thread.join(timeout=30)
    assert served == list(range(10))
    assert not queue._waiting


def test_nobody_waits_longer_than_the_database_would_have_them() -> None:
    queue = turns.Queue()
    with queue.turn(patience_seconds=30):
        began = time.monotonic()
        with pytest.raises(RuntimeError), queue.turn(patience_seconds=0.05):
            raise RuntimeError("locked all the same")
        assert 0.04 < time.monotonic() - began < 10
        # Who has left stands in nobody's way.
        assert len(queue._waiting) == 1
    with queue.turn(patience_seconds=0):
        assert queue._waiting[0].is_set()


@pytest.mark.django_db(transaction=True)
def test_a_transaction_waits_its_turn_once_and_holds_nobody_up_after_it_has_begun(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waited: list[bool] = []
    connection = connections["default"]

    class Noted(turns.Queue):
        def turn(self, *, patience_seconds: float):  # type: ignore[no-untyped-def]
            waited.append(patience_seconds > 1)
            return super().turn(patience_seconds=patience_seconds)

    queue = Noted()
    monkeypatch.setattr(turns, "_queue", queue)
    turns._queue_up(connection=connection)
    try:
        with transaction.atomic(), transaction.atomic():
            assert connection.in_atomic_block
            assert not queue._waiting
    finally:
        connection.__dict__.pop("_start_transaction_under_autocommit", None)
    assert waited == ([True] if connection.vendor == "sqlite" else [])
