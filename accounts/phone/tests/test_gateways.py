"""Each provider's wire, against a server that misbehaves in every way we could think of."""

from __future__ import annotations

import base64
import json
import time
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone

from accounts.phone.gateways import aliyun as aliyun_wire
from accounts.phone.gateways.aliyun import AliyunGateway
from accounts.phone.gateways.base import GatewayError, Question, Sms
from accounts.phone.gateways.twilio import TwilioGateway, signature
from accounts.phone.states import SmsState
from accounts.phone.tests.asking import PHONE
from accounts.phone.tests.conftest import TOKEN
from accounts.phone.tests.provider_server import (
    Act,
    ProviderServer,
    aliyun_details,
    cut,
    dripping,
    raw,
    says,
    self_signed,
    serving,
    silent,
    twilio_message,
    twilio_ok,
)

SMS = Sms(
    phone=PHONE,
    text="[Bank] 123456 is your code",
    idempotency_key="sms-7",
    message="card_link",
    params={"code": "123456", "minutes": "5"},
    deadline_seconds=0.7,
    valid_seconds=290,
)


def _trouble(gateway: TwilioGateway | AliyunGateway) -> GatewayError:
    with pytest.raises(GatewayError) as trouble:
        gateway.send(SMS)
    error = trouble.value
    for secret in ("123456", PHONE, PHONE[3:], TOKEN, "127.0.0.1"):
        assert secret not in f"{error!r} {error.__cause__!r}"
    return error


def test_twilio_gets_a_form_with_basic_auth_and_no_secret_in_the_address(
    twilio: ProviderServer,
) -> None:
    handed = TwilioGateway().send(SMS)
    asked = twilio.asked[0]
    assert handed.reference.startswith("SM")
    assert asked.path == "/2010-04-01/Accounts/AC1/Messages.json"
    assert asked.form == {
        "To": PHONE,
        "Body": SMS.text,
        "From": "+8610000",
        "ValidityPeriod": "290",
        "StatusCallback": "https://wallet.example/sms/receipts/twilio/?key=sms-7",
    }
    assert asked.headers["Authorization"] == (
        "Basic " + base64.b64encode(f"AC1:{TOKEN}".encode()).decode()
    )
    assert asked.headers["Idempotency-Key"] == "sms-7"


def test_the_signature_is_the_one_of_twilios_own_example() -> None:
    fields = {
        "CallSid": "CA1234567890ABCDE",
        "Caller": "+14158675310",
        "Digits": "1234",
        "From": "+14158675310",
        "To": "+18005551212",
    }
    url = "https://example.com/myapp.php?foo=1&bar=2"
    assert signature("12345", url, list(fields.items())) == "L/OH5YylLD5NRKLltdqwSvS0BnU="


def test_aliyun_gets_a_template_and_its_params_signed(aliyun: ProviderServer) -> None:
    handed = AliyunGateway().send(SMS)
    asked = aliyun.asked[0]
    form = dict(asked.form)
    assert handed.reference == "90001^0"
    assert asked.path == "/"
    assert form["PhoneNumbers"] == "13800136027"
    assert form["TemplateCode"] == "SMS_1"
    assert form["OutId"] == "sms-7"
    assert json.loads(form["TemplateParam"]) == {"code": "123456", "minutes": "5"}
    assert form.pop("Signature") == aliyun_wire.signature(TOKEN, form)


def test_the_signature_is_the_one_of_aliyuns_own_example() -> None:
    fields = {
        "AccessKeyId": "testid",
        "Action": "DescribeRegions",
        "Format": "XML",
        "SignatureMethod": "HMAC-SHA1",
        "SignatureNonce": "3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf",
        "SignatureVersion": "1.0",
        "Timestamp": "2016-02-23T12:46:24Z",
        "Version": "2014-05-26",
    }
    said = aliyun_wire.string_to_sign("GET", fields)
    assert said == (
        "GET&%2F&AccessKeyId%3Dtestid%26Action%3DDescribeRegions%26Format%3DXML"
        "%26SignatureMethod%3DHMAC-SHA1%26SignatureNonce%3D3ee8c1b8-83d3-44af-a94f-4e0ad82fd6cf"
        "%26SignatureVersion%3D1.0%26Timestamp%3D2016-02-23T12%253A46%253A24Z"
        "%26Version%3D2014-05-26"
    )
    assert aliyun_wire.signed("testsecret", said) == "OLeaidS1JvxuMvnyHOwuJ+uX5qY="


_PERHAPS: dict[str, Act] = {
    "it takes the message and falls silent": silent,
    "it drips": dripping,
    "it closes in the middle": cut,
    "it fails": says(500, {"message": "boom"}),
    "the gateway before it gave up": raw(502, b"<html>", kind="text/html"),
    "it says yes in HTML": raw(200, b"<html>ok</html>", kind="text/html"),
    "it says yes in broken JSON": raw(200, b'{"sid": "SM1", '),
    "it says yes in a list": raw(200, b'["SM1"]'),
    "it says yes and nothing": raw(200, b""),
    "it says yes without end": raw(200, b'{"sid": "' + b"x" * 300_000 + b'"}'),
    "it says yes without naming the message": says(201, {"status": "queued"}),
    "it nests": raw(200, b"[" * 60_000),
}


@pytest.mark.parametrize("act", _PERHAPS.values(), ids=list(_PERHAPS))
def test_an_answer_that_makes_no_sense_may_mean_sent(
    twilio: ProviderServer, aliyun: ProviderServer, act: Act
) -> None:
    for server, gateway in ((twilio, TwilioGateway()), (aliyun, AliyunGateway())):
        server.acts.append(act)
        before = time.monotonic()
        error = _trouble(gateway)
        assert error.may_be_sent
        assert not error.is_final
        assert time.monotonic() - before < 2


@pytest.mark.parametrize("status", [503, 429, 301, 302, 307, 308])
def test_busy_and_redirecting_providers_did_not_take_it(
    twilio: ProviderServer, aliyun: ProviderServer, status: int
) -> None:
    act = raw(status, b"{}", Location=f"{aliyun.url}/elsewhere")
    twilio.acts.append(act)
    error = _trouble(TwilioGateway())
    assert not error.may_be_sent
    assert not error.is_final
    assert aliyun.asked == []


def test_a_provider_that_is_not_there_did_not_take_it(
    settings: Any, twilio: ProviderServer
) -> None:
    settings.SMS_TWILIO = {**settings.SMS_TWILIO, "url": "http://127.0.0.1:9"}
    error = _trouble(TwilioGateway())
    assert not error.may_be_sent


def test_a_certificate_that_nobody_vouches_for_is_not_believed(
    settings: Any, twilio: ProviderServer, tmp_path: Path
) -> None:
    with serving(twilio_ok, certificate=self_signed(tmp_path)) as server:
        url = server.url.replace("http:", "https:")
        settings.SMS_TWILIO = {**settings.SMS_TWILIO, "url": url}
        assert not _trouble(TwilioGateway()).may_be_sent
        assert server.asked == []


def test_a_server_without_tls_gets_nothing_in_clear(settings: Any, twilio: ProviderServer) -> None:
    url = twilio.url.replace("http:", "https:")
    settings.SMS_TWILIO = {**settings.SMS_TWILIO, "url": url}
    assert not _trouble(TwilioGateway()).may_be_sent
    assert twilio.asked == []


@pytest.mark.parametrize(
    ("act", "is_final"),
    [
        (says(400, {"code": 21211, "message": f"The 'To' number {PHONE} is not valid"}), True),
        (says(400, {"code": 21610, "message": "unsubscribed 123456"}), True),
        (says(200, {"code": 21614, "message": "said with 200"}), True),
        (says(401, {"code": 20003, "message": "Authenticate"}), False),
        (raw(404, b"<html>", kind="text/html"), False),
        (
            lambda request: request.say(
                201,
                json.dumps(twilio_message(request, status="failed", error_code=30005)).encode(),
            ),
            True,
        ),
    ],
)
def test_twilio_refuses(twilio: ProviderServer, act: Act, is_final: bool) -> None:
    twilio.acts.append(act)
    error = _trouble(TwilioGateway())
    assert error.is_final is is_final
    assert not error.may_be_sent


@pytest.mark.parametrize(
    ("said", "is_final", "may_be_sent"),
    [
        ({"Code": "isv.MOBILE_NUMBER_ILLEGAL", "Message": PHONE}, True, False),
        ({"Code": "isv.BUSINESS_LIMIT_CONTROL"}, True, False),
        ({"Code": "isv.AMOUNT_NOT_ENOUGH"}, False, False),
        ({"Code": "SignatureDoesNotMatch"}, False, False),
        ({"Code": f"text with {PHONE}"}, False, False),
        ({"Code": "isp.SYSTEM_ERROR"}, False, True),
        ({"Code": "OK"}, False, True),
        ({"Code": "OK", "BizId": 7}, False, True),
        ({}, False, True),
    ],
)
def test_aliyun_refuses(
    aliyun: ProviderServer, said: Any, is_final: bool, may_be_sent: bool
) -> None:
    aliyun.acts.append(says(200, said))
    error = _trouble(AliyunGateway())
    assert (error.is_final, error.may_be_sent) == (is_final, may_be_sent)


def test_a_message_to_another_number_than_asked_is_no_success(twilio: ProviderServer) -> None:
    twilio.acts.append(
        lambda request: request.say(
            201, json.dumps(twilio_message(request, to="+8613900000000")).encode()
        )
    )
    assert _trouble(TwilioGateway()).may_be_sent


def test_a_message_without_a_template_is_for_the_next_provider(aliyun: ProviderServer) -> None:
    sms = Sms(phone=PHONE, text="x", idempotency_key="sms-7", message="login_reset")
    with pytest.raises(GatewayError) as trouble:
        AliyunGateway().send(sms)
    assert trouble.value.is_final
    assert aliyun.asked == []


def test_providers_are_asked_what_became_of_a_message(
    twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    question = Question(PHONE, "SM1", "sms-7", timezone.now())
    twilio.acts.append(says(200, {"sid": "SM1", "status": "delivered"}))
    found = TwilioGateway().look_up(question)
    assert found is not None
    assert found.state == SmsState.DELIVERED
    assert twilio.asked[0].path == "/2010-04-01/Accounts/AC1/Messages/SM1.json"
    twilio.acts.append(says(200, {"sid": "SM2", "status": "delivered"}))
    assert TwilioGateway().look_up(question) is None
    aliyun.acts += [aliyun_details("sms-7", 3), aliyun_details("sms-8", 3)]
    by_key = Question(PHONE, "", "sms-7", timezone.now())
    found = AliyunGateway().look_up(by_key)
    assert found is not None
    assert found.state == SmsState.DELIVERED
    assert AliyunGateway().look_up(by_key) is None


def test_a_message_does_not_show_itself() -> None:
    shown = repr(SMS) + repr(Question(PHONE, "SM1", "sms-7", timezone.now()))
    assert "123456" not in shown
    assert PHONE not in shown
