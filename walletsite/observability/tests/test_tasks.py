"""Tasks know which request caused them; they are counted and written down."""

from __future__ import annotations

import json
from typing import Any

import pytest
from celery import Celery, signals

from walletsite.celery import app
from walletsite.observability import context, tasks
from walletsite.observability.tests.test_logs import Lines, lines

__all__ = ["lines"]


@pytest.fixture
def published(monkeypatch: pytest.MonkeyPatch) -> list[dict[str, Any]]:
    """The headers of what is sent to the broker; nothing is."""
    sent: list[dict[str, Any]] = []
    monkeypatch.setattr(
        "kombu.Producer.publish",
        lambda self, body, **options: sent.append(options["headers"]),
    )
    return sent


def test_the_id_of_the_request_travels_with_the_task(published: list[dict[str, Any]]) -> None:
    with context.working_on(request_id="abcdef0123456789", reference="E-7F3K2"):
        app.send_task("payments.processing.expire_payments")
    app.send_task("payments.processing.expire_payments")
    assert published[0]["wallet_request_id"] == "abcdef0123456789"
    assert "E-7F3K2" not in json.dumps(published[0], default=str)
    assert "wallet_request_id" not in published[1] or published[1]["wallet_request_id"] == ""


def test_a_worker_says_which_request_and_which_task(lines: Lines) -> None:
    seen: list[dict[str, str]] = []
    other = Celery("other", set_as_current=False)

    @other.task(name="test.look", bind=True)
    def look(self: Any) -> None:
        seen.append(dict(context.current_facts()))

    look.apply(task_id="t-1", headers={"wallet_request_id": "abcdef0123456789"})
    assert seen == [{"task": "test.look", "task_id": "t-1", "request_id": "abcdef0123456789"}]
    [line] = lines.of("wallet.tasks")
    assert (line["task"], line["outcome"]) == ("test.look", "success")
    assert line["request_id"] == "abcdef0123456789"
    assert "task" not in context.current_facts()


def test_an_id_that_is_none_is_not_believed() -> None:
    class Request:
        wallet_request_id = "a b\nlevel=ERROR"
        headers = None

    assert tasks._request_id_of(Request()) == ""


def test_celery_leaves_logging_to_django() -> None:
    assert signals.setup_logging.send(sender=None)
