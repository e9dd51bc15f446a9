"""Providers that speak the Dysms API of Aliyun: templates kept by the provider, signed requests.

https://help.aliyun.com/zh/sms/developer-reference/api-dysmsapi-2017-05-25-sendsms, signed as RPC
requests are (HMAC-SHA1 over the sorted parameters). Everything travels in the body: no address
ever holds a phone or a code.
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import secrets
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta, timezone
from typing import Any
from urllib.parse import quote

from django.conf import settings

from accounts.phone.gateways import http
from accounts.phone.gateways.base import (
    Callback,
    GatewayError,
    Handed,
    NotAskedError,
    Question,
    Receipt,
    Sms,
    UnauthenticError,
    is_reference,
    reason_code,
)
from accounts.phone.states import SmsState

# About this number or this text; everything else is about the provider or our account there.
_ABOUT_THE_MESSAGE = {
    "isv.MOBILE_NUMBER_ILLEGAL",
    "isv.BUSINESS_LIMIT_CONTROL",
    "isv.DAY_LIMIT_CONTROL",
    "isv.MONTH_LIMIT_CONTROL",
    "isv.MOBILE_COUNT_OVER_LIMIT",
    "isv.BLACK_KEY_CONTROL_LIMIT",
    "isv.BLACK_LIST",
    "isv.PARAM_LENGTH_LIMIT",
    "isv.INVALID_PARAMETERS",
    "isv.TEMPLATE_MISSING_PARAMETERS",
    "isv.TEMPLATE_PARAMS_ILLEGAL",
    "isv.PARAM_NOT_SUPPORT_URL",
    "isv.UNSUPPORTED_CONTENT",
}
# Their side broke while at it: nobody knows how far it got.
_THEIR_FAULT = {"isp.SYSTEM_ERROR", "InternalError", "ServiceUnavailable"}
# `SendStatus` of a queried message.
_STATES = {"1": SmsState.HANDED, "2": SmsState.FAILED, "3": SmsState.DELIVERED}
# Days of a provider in China end at midnight there.
_CHINA = timezone(timedelta(hours=8))


class AliyunGateway:
    """Settings: `SMS_ALIYUN`. `OutId` carries our key there and back."""

    thanks: dict[str, object] | None = {"code": 0, "msg": "OK"}

    @property
    def honours_keys(self) -> bool:
        """Aliyun itself does not; some providers with the same API do."""
        return bool(settings.SMS_ALIYUN["honours_keys"])

    def send(self, sms: Sms) -> Handed:
        """`SendSms` with the template of this message and language."""
        template = template_code(sms.message, sms.language)
        if not template:
            raise NotAskedError("no-template")
        answer = self._call(
            "SendSms",
            {
                "PhoneNumbers": _local(sms.phone),
                "SignName": settings.SMS_ALIYUN["sign_name"],
                "TemplateCode": template,
                "TemplateParam": json.dumps(dict(sms.params), ensure_ascii=False),
                "OutId": sms.idempotency_key,
            },
            sms.deadline_seconds,
        )
        said = answer.said
        code = reason_code(said.get("Code", f"http-{answer.status}"))
        if code == "OK" and answer.is_ok:
            if not is_reference(said.get("BizId")):
                raise GatewayError("no-biz-id", may_be_sent=True)
            return Handed(said["BizId"])
        may_be_sent = code in _THEIR_FAULT or (answer.is_ok and "Code" not in said)
        raise GatewayError(code, is_final=code in _ABOUT_THE_MESSAGE, may_be_sent=may_be_sent)

    def look_up(self, question: Question) -> Receipt | None:
        """`QuerySendDetails` of the number and day; finds a message by our key alone, too."""
        asked = {
            "PhoneNumber": _local(question.phone),
            "SendDate": question.sent_at.astimezone(_CHINA).strftime("%Y%m%d"),
            "PageSize": "50",
            "CurrentPage": "1",
        }
        if question.reference:
            asked["BizId"] = question.reference
        answer = self._call("QuerySendDetails", asked, question.deadline_seconds)
        if not answer.is_ok or answer.said.get("Code") != "OK":
            return None
        for detail in _details(answer.said):
            if detail.get("OutId") == question.idempotency_key:
                state = _STATES.get(str(detail.get("SendStatus")))
                error = reason_code(detail.get("ErrCode") or "")
                if state is not None:
                    return Receipt(state, question.reference, question.idempotency_key, error)
        return None

    def read_receipts(self, callback: Callback) -> list[Receipt]:
        """A JSON list of reports. They are not signed: a token shared with the provider comes as
        the password of basic auth, or as a bearer."""
        token = settings.SMS_ALIYUN["receipt_token"]
        given = _token(callback.headers.get("Authorization", ""))
        if not token or not hmac.compare_digest(token.encode(), given.encode()):
            raise UnauthenticError
        try:
            reports = json.loads(callback.body)
        except RecursionError:
            raise ValueError("too deep") from None
        if not isinstance(reports, list):
            raise ValueError("no list")
        return [receipt for each in reports if (receipt := _report(each)) is not None]

    def _call(self, action: str, asked: Mapping[str, str], seconds: float) -> http.Answer:
        config = settings.SMS_ALIYUN
        fields = {
            **asked,
            "Action": action,
            "Version": "2017-05-25",
            "RegionId": config["region"],
            "Format": "JSON",
            "AccessKeyId": config["access_key_id"],
            "SignatureMethod": "HMAC-SHA1",
            "SignatureVersion": "1.0",
            "SignatureNonce": secrets.token_hex(16),
            "Timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ"),
        }
        fields["Signature"] = signature(config["access_key_secret"], fields)
        return http.ask("POST", f"{config['url']}/", deadline_seconds=seconds, form=fields)


def signature(secret: str, fields: Mapping[str, str]) -> str:
    """The `Signature` of a request sent by POST."""
    return signed(secret, string_to_sign("POST", fields))


def string_to_sign(method: str, fields: Mapping[str, str]) -> str:
    """The parameters as they are signed: sorted, and escaped twice."""
    pairs = "&".join(f"{_escaped(name)}={_escaped(fields[name])}" for name in sorted(fields))
    return f"{method}&{_escaped('/')}&{_escaped(pairs)}"


def signed(secret: str, said: str) -> str:
    """HMAC-SHA1 under the secret and an ampersand, as their RPC signature wants it."""
    digest = hmac.new(f"{secret}&".encode(), said.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def template_code(message: str, language: str) -> str:
    """The provider's template for a message: "sign_up.en" goes before "sign_up"."""
    templates = settings.SMS_ALIYUN["templates"]
    names = (f"{message}.{language}", message)
    return next((templates[name] for name in names if templates.get(name)), "")


def _escaped(text: str) -> str:
    return quote(text, safe="~")


def _local(phone: str) -> str:
    """Numbers of the mainland without the country code, all others without the plus sign."""
    return phone.removeprefix("+86").removeprefix("+")


def _details(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    outer = said.get("SmsSendDetailDTOs")
    inner = outer.get("SmsSendDetailDTO") if isinstance(outer, dict) else None
    return [each for each in inner if isinstance(each, dict)] if isinstance(inner, list) else []


def _report(said: Any) -> Receipt | None:
    if not isinstance(said, dict) or not isinstance(said.get("success"), bool):
        return None
    reference, key = said.get("biz_id"), said.get("out_id") or ""
    if not is_reference(reference) or not isinstance(key, str):
        return None
    state = SmsState.DELIVERED if said["success"] else SmsState.FAILED
    return Receipt(state, str(reference), key[:40], reason_code(said.get("err_code") or ""))


def _token(header: str) -> str:
    scheme, _space, value = header.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() != "basic":
        return ""
    try:
        return base64.b64decode(value).decode().partition(":")[2]
    except ValueError:
        return ""
