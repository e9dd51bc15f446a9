"""From a code that was asked for to a phone that has it, over providers that fail."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import time
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.db import connection
from django.utils import timezone

from accounts.phone import outbox
from accounts.phone.figures import attempts_by_provider, resting_providers
from accounts.phone.health import admit, are_all_down, note_answer, note_failure
from accounts.phone.models import Challenge, SmsAttempt, SmsCode, SmsProvider, SmsResult
from accounts.phone.outbox import CLAIM_SECONDS, deliver, deliver_due
from accounts.phone.selectors import code_status
from accounts.phone.states import SmsState
from accounts.phone.tests.asking import PHONE, ask
from accounts.phone.tests.provider_server import ProviderServer, aliyun_details, raw, says, silent
from tests.race import all_at_once

pytestmark = pytest.mark.django_db
_WORKER = """
import sys, django
django.setup()
from accounts.phone.outbox import deliver
deliver(int(sys.argv[1]))
"""
_REFUSED = says(400, {"code": 21211})
_BUSY = raw(503, b"{}")


def _row() -> SmsCode:
    return SmsCode.objects.get()


def _send() -> bool:
    ask()
    return deliver(_row().pk)


def _later() -> bool:
    """The sweep, when nobody claims the message any more."""
    SmsCode.objects.filter(state=SmsState.DUE).update(claimed_until=None)
    return deliver(_row().pk)


def _outcomes() -> list[tuple[str, str]]:
    rows = SmsResult.objects.order_by("pk")
    return [(row.provider, row.outcome) for row in rows]


def test_the_first_provider_gets_it(twilio: ProviderServer, aliyun: ProviderServer) -> None:
    assert _send()
    row = _row()
    assert (row.state, row.provider, row.code_encrypted) == (SmsState.HANDED, "twilio", "")
    assert len(twilio.sent) == 1
    assert aliyun.sent == []
    assert _outcomes() == [("twilio", "accepted")]


@pytest.mark.parametrize("act", [_BUSY, _REFUSED, says(401, {"code": 20003})])
def test_one_that_does_not_take_it_is_followed_by_the_next_at_once(
    twilio: ProviderServer, aliyun: ProviderServer, act: Any
) -> None:
    twilio.acts.append(act)
    assert _send()
    assert _row().provider == "aliyun"
    assert [provider for provider, _outcome in _outcomes()] == ["twilio", "aliyun"]
    assert aliyun.sent[0].form["OutId"] == f"sms-{_row().pk}"


def test_one_that_falls_silent_is_followed_by_the_next(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    twilio.acts.append(silent)
    assert _send()
    assert _outcomes() == [("twilio", "unsure"), ("aliyun", "accepted")]


def test_one_that_honours_keys_is_asked_again_with_the_same_first(
    twilio: ProviderServer, aliyun: ProviderServer, settings: Any
) -> None:
    settings.SMS_TWILIO = {**settings.SMS_TWILIO, "honours_keys": True}
    twilio.acts.append(silent)
    assert _send()
    assert _outcomes() == [("twilio", "unsure"), ("twilio", "accepted")]
    first, second = twilio.sent
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert first.form["Body"] == second.form["Body"]
    assert aliyun.asked == []


def test_two_that_fall_silent_are_the_end_a_third_copy_is_never_risked(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    twilio.usual = silent
    aliyun.usual = silent
    assert not _send()
    for _sweep in range(5):
        assert not _later()
    assert len(twilio.sent) + len(aliyun.sent) == 2
    assert _row().state == SmsState.UNSURE
    assert [step.state for step in code_status(_row().challenge).timeline] == ["done", "bad"]


def test_one_silent_provider_alone_is_asked_twice_at_most(twilio: ProviderServer) -> None:
    twilio.usual = silent
    assert not _send()
    for _sweep in range(5):
        assert not _later()
    assert len(twilio.sent) == 2
    assert _row().state == SmsState.UNSURE


def test_a_number_that_all_refuse_is_not_tried_again(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    twilio.acts.append(_REFUSED)
    aliyun.acts.append(says(200, {"Code": "isv.MOBILE_NUMBER_ILLEGAL"}))
    assert not _send()
    assert not _later()
    assert len(twilio.asked) + len(aliyun.asked) == 2
    assert (_row().state, _row().code_encrypted) == (SmsState.FAILED, "")


def test_a_lost_answer_is_asked_for_before_anybody_sends_again(
    aliyun: ProviderServer, twilio: ProviderServer
) -> None:
    ask()
    aliyun.acts += [silent, aliyun_details(f"sms-{_row().pk}", 1)]
    assert deliver(_row().pk)
    assert (_row().state, _row().provider) == (SmsState.HANDED, "aliyun")
    assert len(aliyun.sent) == 1
    assert twilio.asked == []


def test_a_lost_answer_that_turns_out_to_be_a_failure_is_no_copy(
    aliyun: ProviderServer, twilio: ProviderServer
) -> None:
    ask()
    aliyun.acts += [silent, aliyun_details(f"sms-{_row().pk}", 2)]
    assert deliver(_row().pk)
    assert _row().provider == "twilio"
    assert _outcomes() == [("aliyun", "unsure"), ("aliyun", "refused"), ("twilio", "accepted")]


class _Killed(BaseException):
    """What a process that is killed raises: nothing that anybody catches."""


def test_a_worker_killed_between_sending_and_writing_sends_nothing_different(
    twilio: ProviderServer, monkeypatch: pytest.MonkeyPatch, settings: Any
) -> None:
    settings.SMS_TWILIO = {**settings.SMS_TWILIO, "honours_keys": True}

    def die(*args: Any, **kwargs: Any) -> None:
        raise _Killed

    with monkeypatch.context() as dying:
        dying.setattr(outbox, "_note_handed", die)
        with pytest.raises(_Killed):
            _send()
    assert (SmsAttempt.objects.count(), SmsResult.objects.count()) == (1, 0)
    assert deliver_due() == 0
    with time_machine.travel(timezone.now() + timedelta(seconds=CLAIM_SECONDS + 1), tick=True):
        assert deliver_due() == 1
    first, second = twilio.sent
    assert first.form["Body"] == second.form["Body"]
    assert first.headers["Idempotency-Key"] == second.headers["Idempotency-Key"]
    assert _outcomes() == [("twilio", "unsure"), ("twilio", "accepted")]


@pytest.mark.django_db(transaction=True)
def test_a_worker_that_is_killed_while_the_provider_answers(twilio: ProviderServer) -> None:
    twilio.acts.append(silent)
    ask()
    row_id = _row().pk
    worker = subprocess.Popen(
        [sys.executable, "-c", _WORKER, str(row_id)],
        env={
            **os.environ,
            "DJANGO_SETTINGS_MODULE": "tests.settings",
            "WALLET_TEST_DATABASE_NAME": str(connection.settings_dict["NAME"]),
            "SMS_PROVIDERS": "twilio",
            "SMS_TWILIO_URL": twilio.url,
            "SMS_TWILIO_ACCOUNT_SID": "AC1",
            "SMS_TWILIO_AUTH_TOKEN": "token of the tests",
            "SMS_TWILIO_FROM": "+8610000",
        },
    )
    try:
        until = time.monotonic() + 20
        while not twilio.sent and time.monotonic() < until:
            time.sleep(0.02)
    finally:
        worker.kill()
        worker.wait()
    assert _row().state == SmsState.DUE
    assert not deliver(row_id)
    with time_machine.travel(timezone.now() + timedelta(seconds=CLAIM_SECONDS + 1), tick=True):
        assert deliver(row_id)
    first, second = twilio.sent
    assert first.form["Body"] == second.form["Body"]
    assert _outcomes() == [("twilio", "unsure"), ("twilio", "accepted")]


def test_a_code_that_ends_while_a_provider_is_slow_goes_to_nobody_else(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    twilio.usual = silent
    ask()
    SmsCode.objects.update(expires_at=timezone.now() + timedelta(seconds=3.3))
    assert not deliver(_row().pk)
    assert len(twilio.sent) == 1
    assert aliyun.asked == []
    SmsCode.objects.update(expires_at=timezone.now() - timedelta(seconds=1), claimed_until=None)
    deliver_due()
    assert (_row().state, _row().code_encrypted) == (SmsState.UNSURE, "")
    assert len(twilio.asked) == 1


def test_the_time_for_an_attempt_ends_before_the_code_does(
    twilio: ProviderServer, settings: Any
) -> None:
    settings.SMS = {**settings.SMS, "deadline_seconds": 60}
    twilio.usual = silent
    ask()
    expires_at = timezone.now() + timedelta(seconds=3.2)
    SmsCode.objects.update(expires_at=expires_at)
    deliver(_row().pk)
    assert timezone.now() < expires_at
    assert len(twilio.sent) == 1


def test_a_code_with_seconds_to_live_is_not_sent_and_the_page_says_so(
    twilio: ProviderServer,
) -> None:
    ask()
    SmsCode.objects.update(expires_at=timezone.now() + timedelta(seconds=2))
    assert not deliver(_row().pk)
    with time_machine.travel(timezone.now() + timedelta(seconds=3), tick=True):
        assert deliver_due() == 0
        timeline = code_status(_row().challenge).timeline
    assert twilio.asked == []
    assert _row().state == SmsState.EXPIRED
    assert "Could not be sent in time" in str(timeline[-1].label)


def test_a_failing_provider_rests_and_gets_one_trial(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    twilio.usual = _BUSY
    for number in range(5):
        challenge = ask(phone=f"+86138001360{number + 10}")
        assert deliver(challenge.codes.get().pk)
    assert len(twilio.asked) == 3
    assert len(aliyun.sent) == 5
    assert resting_providers() == {"twilio": True, "aliyun": False}
    assert not are_all_down()
    twilio.usual = aliyun.usual
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
        assert admit("twilio")
        assert not admit("twilio")
        note_answer("twilio")
        assert admit("twilio")


def test_a_trial_that_fails_means_another_rest(twilio: ProviderServer) -> None:
    admit("twilio")
    for _failure in range(3):
        note_failure("twilio", "http-503")
    now = timezone.now()
    with time_machine.travel(now + timedelta(seconds=61), tick=False):
        assert admit("twilio")
        note_failure("twilio", "http-503")
        assert not admit("twilio")
    with time_machine.travel(now + timedelta(seconds=122), tick=False):
        assert admit("twilio")


def test_when_all_rest_the_code_waits_and_the_page_says_why(
    twilio: ProviderServer,
) -> None:
    SmsProvider.objects.create(
        name="twilio", failures=3, rests_until=timezone.now() + timedelta(seconds=60)
    )
    assert not _send()
    status = code_status(_row().challenge)
    assert (status.is_down, _row().state) == (True, SmsState.DUE)
    SmsProvider.objects.update(rests_until=None, failures=0)
    assert _later()
    assert not code_status(_row().challenge).is_down


def test_who_asks_again_because_nothing_came_gets_it_from_the_other_provider(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    assert _send()
    with time_machine.travel(timezone.now() + timedelta(seconds=61), tick=True):
        ask()
        assert deliver(SmsCode.objects.latest("pk").pk)
    assert (len(twilio.sent), len(aliyun.sent)) == (1, 1)


def test_a_provider_without_the_template_is_not_taken_for_well(
    aliyun: ProviderServer, twilio: ProviderServer
) -> None:
    SmsProvider.objects.create(name="aliyun", failures=2)
    challenge = ask(purpose="login_reset")
    assert deliver(challenge.codes.get().pk)
    assert aliyun.asked == []
    assert _row().provider == "twilio"
    assert SmsProvider.objects.get(name="aliyun").failures == 2


def test_a_provider_that_echoes_the_message_as_its_reason_is_not_quoted(
    aliyun: ProviderServer, caplog: pytest.LogCaptureFixture
) -> None:
    def echo(request: Any) -> None:
        code = json.loads(request.asked.form["TemplateParam"])["code"]
        echoed.append(code)
        request.say(200, json.dumps({"Code": f"isv.{code}"}).encode())

    echoed: list[str] = []
    aliyun.acts.append(echo)
    assert not _send()
    assert echoed[0] not in caplog.text
    assert SmsResult.objects.get().reason == "unnamed"


def test_a_message_that_cannot_be_written_does_not_hold_up_the_others(
    twilio: ProviderServer, caplog: pytest.LogCaptureFixture
) -> None:
    ask()
    SmsCode.objects.update(code_encrypted="not a token")
    ask(phone="+8613900134412")
    assert deliver_due() == 1
    assert set(SmsCode.objects.values_list("state", flat=True)) == {"failed", "handed"}
    assert "cannot be written" in caplog.text


def test_attempts_stay_when_the_message_is_forgotten(twilio: ProviderServer) -> None:
    assert _send()
    Challenge.objects.update(created_at=timezone.now() - timedelta(days=31))
    outbox.forget_old()
    assert SmsCode.objects.count() == 0
    assert SmsAttempt.objects.get().results.get().outcome == "accepted"


def test_totals_count_every_attempt_once(twilio: ProviderServer, aliyun: ProviderServer) -> None:
    twilio.acts.append(_BUSY)
    assert _send()
    assert attempts_by_provider() == {("twilio", "unavailable"): 1, ("aliyun", "accepted"): 1}


def test_nothing_of_a_message_is_in_logs_or_results(
    twilio: ProviderServer, aliyun: ProviderServer, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("DEBUG")
    twilio.acts.append(silent)
    assert _send()
    code = twilio.sent[0].form["Body"].split()[2]
    assert len(code) == 6
    for secret in (code, PHONE, PHONE[3:], "token of the tests"):
        assert secret not in caplog.text
        assert secret not in str(list(SmsResult.objects.values()))


@pytest.mark.django_db(transaction=True)
def test_ten_workers_at_once_send_once_even_when_the_first_provider_refuses(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    twilio.acts.append(_REFUSED)
    ask()
    row_id = _row().pk
    results = all_at_once(10, lambda _number: deliver(row_id))
    assert results.count(True) == 1
    assert len(twilio.sent) == 1
    assert len(aliyun.sent) == 1


@pytest.mark.django_db(transaction=True)
def test_of_ten_processes_one_makes_the_trial(twilio: ProviderServer) -> None:
    SmsProvider.objects.create(
        name="twilio", failures=3, rests_until=timezone.now() - timedelta(seconds=1)
    )
    assert all_at_once(10, lambda _number: admit("twilio")).count(True) == 1
