"""What providers call back with: true, doubled, in the wrong order, forged, about strangers."""

from __future__ import annotations

import base64
import json
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

import pytest
import time_machine
from django.db import DatabaseError, transaction
from django.http import HttpResponse
from django.test import Client
from django.utils import timezone

from accounts.phone.gateways.base import Receipt
from accounts.phone.gateways.twilio import signature
from accounts.phone.models import SmsAttempt, SmsCode, SmsReceipt, SmsResult
from accounts.phone.outbox import deliver
from accounts.phone.receipts import take_receipt
from accounts.phone.selectors import code_status
from accounts.phone.states import SmsState
from accounts.phone.tasks import ask_for_receipts
from accounts.phone.tests.asking import PHONE, ask
from accounts.phone.tests.conftest import CALLBACK, TOKEN
from accounts.phone.tests.provider_server import ProviderServer, aliyun_details, says, silent
from tests.race import all_at_once

pytestmark = pytest.mark.django_db
_PATH = "/sms/receipts/twilio/"


def _row() -> SmsCode:
    return SmsCode.objects.get()


def _send() -> SmsCode:
    ask()
    deliver(_row().pk)
    return _row()


def _call(status: str, *, sid: str = "", key: str = "", token: str = TOKEN) -> HttpResponse:
    row = _row()
    fields = {
        "MessageSid": sid or row.provider_reference,
        "MessageStatus": status,
        "AccountSid": "AC1",
        "To": PHONE,
    }
    path = f"{_PATH}?key={key or f'sms-{row.pk}'}"
    signed = signature(token, f"{CALLBACK}{path}", list(fields.items()))
    body = urlencode(fields)
    kind = "application/x-www-form-urlencoded"
    client = Client(enforce_csrf_checks=True)
    answer: Any = client.post(path, body, content_type=kind, headers={"X-Twilio-Signature": signed})
    return answer


def _report(*reports: Any, token: str = TOKEN) -> HttpResponse:
    given = base64.b64encode(f"wallet:{token}".encode()).decode()
    answer: Any = Client(enforce_csrf_checks=True).post(
        "/sms/receipts/aliyun/",
        json.dumps(list(reports)),
        content_type="application/json",
        headers={"Authorization": f"Basic {given}"},
    )
    return answer


def _aliyun_report(**changes: Any) -> dict[str, Any]:
    row = _row()
    return {
        "phone_number": PHONE[3:],
        "success": True,
        "err_code": "DELIVERED",
        "biz_id": row.provider_reference,
        "out_id": f"sms-{row.pk}",
        **changes,
    }


def test_a_signed_receipt_is_shown_to_the_customer(twilio: ProviderServer) -> None:
    _send()
    answer = _call("delivered")
    assert (answer.status_code, answer.content) == (204, b"")
    assert _row().state == SmsState.DELIVERED
    assert [step.state for step in code_status(_row().challenge).timeline] == ["done"] * 3
    assert "sessionid" not in answer.cookies
    assert not answer.cookies


def test_a_forged_receipt_changes_nothing(twilio: ProviderServer) -> None:
    _send()
    assert _call("delivered", token="guess").status_code == 403
    assert Client().post(_PATH, {"MessageSid": "SM1"}).status_code == 403
    assert _row().state == SmsState.HANDED
    assert SmsReceipt.objects.count() == 0


def test_guessing_signatures_is_limited_and_does_not_shut_the_provider_out(
    twilio: ProviderServer,
) -> None:
    _send()
    answers = [_call("delivered", token="guess").status_code for _try in range(32)]
    assert answers == [403] * 30 + [429] * 2
    assert _call("delivered").status_code == 204


def test_a_late_sent_does_not_undo_delivered(twilio: ProviderServer) -> None:
    _send()
    for status in ("delivered", "sent", "queued", "failed", "undelivered", "delivered"):
        assert _call(status).status_code == 204
        assert _row().state == SmsState.DELIVERED


def test_delivered_after_failed_is_believed(twilio: ProviderServer) -> None:
    _send()
    _call("undelivered")
    assert _row().state == SmsState.FAILED
    _call("delivered")
    assert _row().state == SmsState.DELIVERED


def test_a_receipt_that_comes_five_times_counts_once(twilio: ProviderServer) -> None:
    _send()
    ended = []
    for _time in range(5):
        _call("delivered")
        ended.append(_row().ended_at)
    assert len(set(ended)) == 1
    assert SmsReceipt.objects.count() == 1


def test_a_receipt_about_an_unknown_message_is_answered_like_any_other(
    twilio: ProviderServer,
) -> None:
    _send()
    known = _call("sent")
    unknown = _call("delivered", sid="SM404", key="sms-999999")
    strange = _call("delivered", sid="SM404", key="sms-../../x")
    for answer in (unknown, strange):
        assert (answer.status_code, answer.content) == (known.status_code, known.content)
    assert _row().state == SmsState.HANDED


def test_a_receipt_that_names_two_messages_is_about_none(twilio: ProviderServer) -> None:
    first = _send()
    ask(phone="+8613900134412")
    second = SmsCode.objects.exclude(pk=first.pk).get()
    deliver(second.pk)
    receipt = Receipt(SmsState.DELIVERED, first.provider_reference, f"sms-{second.pk}")
    assert not take_receipt("twilio", receipt)
    assert set(SmsCode.objects.values_list("state", flat=True)) == {SmsState.HANDED}


def test_a_receipt_of_another_provider_is_about_another_message(twilio: ProviderServer) -> None:
    row = _send()
    receipt = Receipt(SmsState.DELIVERED, row.provider_reference, f"sms-{row.pk}")
    assert not take_receipt("aliyun", receipt)
    assert _row().state == SmsState.HANDED


def test_a_receipt_that_overtakes_the_answer_is_applied_when_that_comes(
    twilio: ProviderServer,
) -> None:
    usual = twilio.usual

    def receipt_first(request: Any) -> None:
        # As a provider may: it calls back before it has answered. Nobody knows the sid yet.
        overtaking.append(f"SM{len(twilio.asked):032x}")
        usual(request)

    overtaking: list[str] = []
    ask()
    take_receipt("twilio", Receipt(SmsState.DELIVERED, f"SM{1:032x}"))
    twilio.acts.append(receipt_first)
    assert deliver(_row().pk)
    assert overtaking == [f"SM{1:032x}"]
    assert _row().state == SmsState.DELIVERED


def test_a_receipt_ends_the_doubt_about_a_lost_answer(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    twilio.usual = silent
    aliyun.usual = silent
    _send()
    assert _row().state == SmsState.UNSURE
    _call("sent", sid="SM77")
    assert _row().state == SmsState.HANDED
    _call("delivered", sid="SM77")
    assert _row().state == SmsState.DELIVERED


def test_a_failed_copy_does_not_fail_the_one_that_was_taken(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    twilio.acts.append(silent)
    _send()
    assert _row().provider == "aliyun"
    _call("failed", sid="SM77")
    assert _row().state == SmsState.HANDED
    _call("delivered", sid="SM77")
    assert _row().state == SmsState.DELIVERED


def test_reports_come_in_lists_with_the_shared_token(aliyun: ProviderServer) -> None:
    _send()
    assert _report(_aliyun_report(), token="guess").status_code == 403
    junk = [None, 7, {}, {"success": "yes"}, {"success": True, "biz_id": ["x"]}]
    answer = _report(*junk, _aliyun_report(), _aliyun_report())
    assert json.loads(answer.content) == {"code": 0, "msg": "OK"}
    assert _row().state == SmsState.DELIVERED


def test_a_report_of_failure_names_the_reason_to_staff(aliyun: ProviderServer) -> None:
    _send()
    _report(_aliyun_report(success=False, err_code="MOBILE_NOT_ON_SERVICE"))
    assert _row().state == SmsState.FAILED
    assert SmsReceipt.objects.get().reason == "MOBILE_NOT_ON_SERVICE"


@pytest.mark.parametrize("body", [b"", b"{", b"{}", b"[" * 60_000, b"\xff\xfe"])
def test_nonsense_from_a_provider_is_refused(aliyun: ProviderServer, body: bytes) -> None:
    answer = Client().post(
        "/sms/receipts/aliyun/",
        body,
        content_type="application/json",
        headers={"Authorization": f"Bearer {TOKEN}"},
    )
    assert answer.status_code == 400


def test_a_huge_callback_is_not_read(aliyun: ProviderServer) -> None:
    answer = Client().post("/sms/receipts/aliyun/", b" " * 300_000, content_type="application/json")
    assert answer.status_code == 413


def test_a_provider_that_is_not_in_use_has_no_address(aliyun: ProviderServer) -> None:
    assert Client().post(_PATH, {}).status_code == 404
    assert Client().post("/sms/receipts/demo/", {}).status_code == 404
    assert Client().get("/sms/receipts/aliyun/").status_code == 405


def test_without_a_callback_the_provider_is_asked(twilio: ProviderServer) -> None:
    row = _send()
    assert ask_for_receipts() == 0
    twilio.acts += [
        says(200, {"sid": row.provider_reference, "status": "sent"}),
        says(200, {"sid": row.provider_reference, "status": "delivered"}),
    ]
    now = timezone.now()
    with time_machine.travel(now + timedelta(seconds=16), tick=True):
        assert ask_for_receipts() == 0
        assert ask_for_receipts() == 0
    with time_machine.travel(now + timedelta(seconds=40), tick=True):
        assert ask_for_receipts() == 1
        assert ask_for_receipts() == 0
    assert _row().state == SmsState.DELIVERED
    assert len(twilio.asked) == 3


def test_an_answer_about_another_message_is_not_believed(aliyun: ProviderServer) -> None:
    _send()
    aliyun.acts.append(aliyun_details("sms-999", 3))
    with time_machine.travel(timezone.now() + timedelta(seconds=16), tick=True):
        assert ask_for_receipts() == 0
    assert _row().state == SmsState.HANDED


def test_questions_end(twilio: ProviderServer) -> None:
    _send()
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=True):
        ask_for_receipts()
    assert _row().next_question_at is None


def test_what_was_sent_and_said_cannot_be_rewritten(twilio: ProviderServer) -> None:
    _send()
    _call("delivered")
    for rows in (SmsAttempt.objects, SmsResult.objects, SmsReceipt.objects):
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.update(provider="x")
        with pytest.raises(DatabaseError), transaction.atomic():
            rows.all()._raw_delete("default")
        assert rows.count() == 1


@pytest.mark.django_db(transaction=True)
def test_ten_receipts_at_once_change_it_once(twilio: ProviderServer) -> None:
    row = _send()
    receipt = Receipt(SmsState.DELIVERED, row.provider_reference, f"sms-{row.pk}")
    results = all_at_once(10, lambda _number: take_receipt("twilio", receipt))
    assert results.count(True) == 1
    assert SmsReceipt.objects.count() == 1
