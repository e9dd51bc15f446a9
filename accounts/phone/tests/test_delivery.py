"""Getting messages out, whatever the provider and the broker do."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.phone import tasks
from accounts.phone.gateways.base import GatewayError, Receipt
from accounts.phone.gateways.demo import DemoGateway
from accounts.phone.models import Challenge, DemoMessage, SmsCode
from accounts.phone.outbox import deliver, deliver_due
from accounts.phone.receipts import take_receipt
from accounts.phone.selectors import code_status
from accounts.phone.states import SmsState
from accounts.phone.tests.asking import ask
from tests.gateways import RecordingGateway, code_in
from tests.pages import assert_page_is_clean
from tests.planted import plant

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


def _row() -> SmsCode:
    return SmsCode.objects.get()


def _states() -> list[str]:
    return [step.state for step in code_status(_row().challenge).timeline]


def _report(state: SmsState) -> bool:
    return take_receipt("recording", Receipt(state, _row().provider_reference))


def test_the_timeline_follows_a_message_to_the_phone() -> None:
    ask()
    assert _states() == ["done", "now", "todo"]
    deliver(_row().pk)
    assert _states() == ["done", "done", "now"]
    assert _report(SmsState.DELIVERED)
    assert _states() == ["done", "done", "done"]
    assert not _report(SmsState.FAILED)


def test_a_report_of_failure_is_shown() -> None:
    ask()
    deliver(_row().pk)
    assert _report(SmsState.FAILED)
    assert _states() == ["done", "done", "bad"]


def test_a_lost_wake_up_is_found_by_the_sweep() -> None:
    ask()
    assert RecordingGateway.sent == []
    assert deliver_due() == 1
    assert deliver_due() == 0
    assert len(RecordingGateway.sent) == 1


def test_a_provider_that_stumbles_is_tried_again_with_the_same_key() -> None:
    RecordingGateway.troubles.append(GatewayError("busy"))
    ask()
    assert deliver_due() == 0
    assert _row().state == SmsState.DUE
    assert _states() == ["done", "now", "todo"]
    SmsCode.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    assert deliver_due() == 1
    assert RecordingGateway.sent[0].idempotency_key == f"sms-{_row().pk}"


def test_a_provider_that_lies_gets_the_same_key_again(settings: Any) -> None:
    settings.SMS = {**settings.SMS, "gateway": "tests.gateways.LyingGateway"}
    ask()
    deliver_due()
    SmsCode.objects.update(claimed_until=timezone.now() - timedelta(seconds=1))
    deliver_due()
    keys = {sms.idempotency_key for sms in RecordingGateway.sent}
    assert len(RecordingGateway.sent) == 2
    assert len(keys) == 1


def test_a_final_no_of_the_provider_is_shown_and_wipes_the_code() -> None:
    RecordingGateway.troubles.append(GatewayError("no such number", is_final=True))
    ask()
    deliver_due()
    assert _row().state == SmsState.FAILED
    assert _row().code_encrypted == ""
    assert _states() == ["done", "bad"]


def test_a_gateway_that_breaks_puts_no_code_into_the_log(
    caplog: pytest.LogCaptureFixture,
) -> None:
    RecordingGateway.troubles.append(ValueError("cannot send 123456 to +8613800136027"))
    ask()
    deliver_due()
    assert "123456" not in caplog.text
    assert "gateway broke (ValueError)" in caplog.text


def test_a_code_that_ran_out_is_never_sent() -> None:
    ask()
    SmsCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert not deliver(_row().pk)
    assert deliver_due() == 0
    assert RecordingGateway.sent == []
    assert _row().state == SmsState.EXPIRED
    assert _row().code_encrypted == ""
    assert _states() == ["done", "bad"]


def test_a_message_that_somebody_is_sending_is_left_alone() -> None:
    ask()
    SmsCode.objects.update(claimed_until=timezone.now() + timedelta(seconds=10))
    assert not deliver(_row().pk)
    assert deliver_due() == 0


def test_a_broker_that_is_down_hurts_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*args: Any, **kwargs: Any) -> None:
        raise OSError("connection refused")

    monkeypatch.setattr(tasks.deliver_code, "apply_async", refuse)
    tasks._room.acquire()
    tasks._publish(1)


def test_a_task_carries_the_number_of_a_row_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch, django_capture_on_commit_callbacks: Any
) -> None:
    woken: list[int] = []
    monkeypatch.setattr("accounts.phone.services.wake_sender", woken.append)
    with django_capture_on_commit_callbacks(execute=True):
        ask()
    assert woken == [_row().pk]


def test_the_demo_inbox_shows_what_a_phone_would_show(
    settings: Any, pages_show_no_secret: list[str]
) -> None:
    settings.DEMO_MODE = True
    settings.SMS = {**settings.SMS, "gateway": "accounts.phone.gateways.demo.DemoGateway"}
    ask()
    plant("phone", _row().phone.removeprefix("+86"))
    deliver_due()
    assert _row().state == SmsState.DELIVERED
    message = DemoMessage.objects.get()
    assert code_in(message.text)
    page = Client().get("/demo/inbox/").content.decode()
    assert code_in(message.text) in page
    assert_page_is_clean(page)
    # The one page that does, as it stands for the phones themselves.
    assert pages_show_no_secret == ["phone on /demo/inbox/"]
    pages_show_no_secret.clear()


def test_outside_demo_mode_there_is_no_inbox_and_no_demo_gateway(settings: Any) -> None:
    settings.DEMO_MODE = False
    assert Client().get("/demo/inbox/").status_code == 404
    settings.SMS = {**settings.SMS, "gateway": f"{DemoGateway.__module__}.DemoGateway"}
    ask()
    deliver_due()
    assert _row().state == SmsState.FAILED
    assert DemoMessage.objects.count() == 0


def test_the_resend_button_of_another_browser_does_nothing() -> None:
    challenge = ask()
    answer = Client().post(f"/codes/{challenge.public_id}/resend/", {"next": "//evil.example/x"})
    assert answer.status_code == 302
    assert answer["Location"] == "/"
    assert SmsCode.objects.count() == 1


def test_a_frozen_broker_does_not_hold_up_the_page(monkeypatch: pytest.MonkeyPatch) -> None:
    thawed = threading.Event()

    def hang(*args: Any, **kwargs: Any) -> None:
        thawed.wait(10)

    monkeypatch.setattr(tasks.deliver_code, "apply_async", hang)
    before = time.monotonic()
    for number in range(200):
        tasks.wake_sender(number)
    assert time.monotonic() - before < 1
    thawed.set()
    # Let the thread hand the places back before the next test needs them.
    tasks._pusher.submit(int).result(timeout=10)


def test_old_checks_and_demo_messages_are_forgotten() -> None:
    challenge = ask()
    DemoMessage.objects.create(idempotency_key="a", phone=challenge.phone, text="x")
    tasks.forget_old_codes()
    assert SmsCode.objects.count() == 1
    assert DemoMessage.objects.count() == 1
    long_ago = timezone.now() - timedelta(days=31)
    Challenge.objects.update(created_at=long_ago)
    DemoMessage.objects.update(created_at=long_ago)
    tasks.forget_old_codes()
    assert SmsCode.objects.count() == 0
    assert DemoMessage.objects.count() == 0
