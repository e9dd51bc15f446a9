"""Providers that speak the Messages API of Twilio: a form, basic auth, a signed callback.

https://www.twilio.com/docs/messaging/api/message-resource and, for the signature of callbacks,
https://www.twilio.com/docs/usage/security#validating-requests
"""

from __future__ import annotations

import base64
import hashlib
import hmac
from typing import Any
from urllib.parse import parse_qs, parse_qsl, quote, urlsplit

from django.conf import settings

from accounts.phone.gateways import http
from accounts.phone.gateways.base import (
    Callback,
    GatewayError,
    Handed,
    Question,
    Receipt,
    Sms,
    UnauthenticError,
    is_reference,
    reason_code,
)
from accounts.phone.states import SmsState

# Their error codes that are about the number or the text: another try changes nothing.
_ABOUT_THE_MESSAGE = {
    "21211", "21214", "21217", "21219", "21265", "21408", "21602", "21604", "21605", "21608",
    "21610", "21611", "21612", "21614", "21617", "30003", "30004", "30005", "30006", "30007",
}  # fmt: skip
_STATES = {
    "accepted": SmsState.HANDED,
    "scheduled": SmsState.HANDED,
    "queued": SmsState.HANDED,
    "sending": SmsState.HANDED,
    "sent": SmsState.HANDED,
    "delivered": SmsState.DELIVERED,
    "read": SmsState.DELIVERED,
    "undelivered": SmsState.FAILED,
    "failed": SmsState.FAILED,
    "canceled": SmsState.FAILED,
}
_MOST_FIELDS = 100


class TwilioGateway:
    """Settings: `SMS_TWILIO`."""

    thanks: dict[str, object] | None = None

    @property
    def honours_keys(self) -> bool:
        """Twilio itself does not; some providers with the same API do."""
        return bool(settings.SMS_TWILIO["honours_keys"])

    def send(self, sms: Sms) -> Handed:
        """Create the message. `ValidityPeriod`: the provider drops it when the code has ended."""
        form = {
            "To": sms.phone,
            "Body": sms.text,
            "ValidityPeriod": str(max(1, sms.valid_seconds)),
            **self._sender(),
        }
        if settings.SMS["callback_url"]:
            path = f"/sms/receipts/twilio/?key={quote(sms.idempotency_key)}"
            form["StatusCallback"] = f"{settings.SMS['callback_url']}{path}"
        answer = http.ask(
            "POST",
            f"{self._account()}/Messages.json",
            deadline_seconds=sms.deadline_seconds,
            form=form,
            basic=self._credentials(),
            headers={"Idempotency-Key": sms.idempotency_key},
        )
        return self._judge(answer, sms)

    def look_up(self, question: Question) -> Receipt | None:
        """Fetch the message; without its sid there is no way that keeps the phone out of URLs."""
        if not is_reference(question.reference):
            return None
        answer = http.ask(
            "GET",
            f"{self._account()}/Messages/{quote(question.reference, safe='')}.json",
            deadline_seconds=question.deadline_seconds,
            basic=self._credentials(),
        )
        said = answer.said
        if not answer.is_ok or said.get("sid") != question.reference:
            return None
        return _receipt(said.get("status"), question.reference, said.get("error_code"))

    def read_receipts(self, callback: Callback) -> list[Receipt]:
        """One receipt in a form, signed with the auth token over address and fields."""
        token = settings.SMS_TWILIO["auth_token"]
        if not settings.SMS["callback_url"] or not token:
            raise UnauthenticError
        text = callback.body.decode("utf-8", "replace")
        try:
            fields = parse_qsl(text, keep_blank_values=True, max_num_fields=_MOST_FIELDS)
        except ValueError:
            raise UnauthenticError from None
        url = f"{settings.SMS['callback_url']}{callback.path}"
        wanted = signature(token, url, fields)
        given = callback.headers.get("X-Twilio-Signature", "")
        if not hmac.compare_digest(wanted.encode(), given.encode("utf-8", "replace")):
            raise UnauthenticError
        said = dict(fields)
        sid = said.get("MessageSid") or said.get("SmsSid")
        if said.get("AccountSid") not in (None, settings.SMS_TWILIO["account_sid"]):
            raise ValueError("another account")
        status = said.get("MessageStatus") or said.get("SmsStatus")
        receipt = _receipt(status, sid, said.get("ErrorCode"))
        if receipt is None:
            raise ValueError("no receipt")
        key = parse_qs(urlsplit(callback.path).query).get("key", [""])[0]
        return [Receipt(receipt.state, receipt.reference, key, receipt.reason)]

    def _judge(self, answer: http.Answer, sms: Sms) -> Handed:
        said = answer.said
        code = reason_code(said.get("code") or said.get("error_code") or f"http-{answer.status}")
        if not answer.is_ok or ("sid" not in said and "code" in said):
            raise GatewayError(code, is_final=code in _ABOUT_THE_MESSAGE)
        state = _STATES.get(str(said.get("status")))
        if state is None or not is_reference(said.get("sid")):
            raise GatewayError("no-sid", may_be_sent=True)
        if said.get("to") not in (None, sms.phone):
            raise GatewayError("other-number", may_be_sent=True)
        if state == SmsState.FAILED:
            raise GatewayError(code, is_final=True)
        return Handed(str(said["sid"]), is_delivered=state == SmsState.DELIVERED)

    def _account(self) -> str:
        config = settings.SMS_TWILIO
        return f"{config['url']}/2010-04-01/Accounts/{quote(config['account_sid'], safe='')}"

    def _credentials(self) -> tuple[str, str]:
        config = settings.SMS_TWILIO
        if config["api_key"]:
            return (config["api_key"], config["api_secret"])
        return (config["account_sid"], config["auth_token"])

    def _sender(self) -> dict[str, str]:
        config = settings.SMS_TWILIO
        if config["messaging_service"]:
            return {"MessagingServiceSid": config["messaging_service"]}
        return {"From": config["from"]}


def signature(auth_token: str, url: str, fields: list[tuple[str, str]]) -> str:
    """What Twilio puts into `X-Twilio-Signature`: HMAC-SHA1 over the address and the fields."""
    said = url + "".join(f"{name}{value}" for name, value in sorted(set(fields)))
    digest = hmac.new(auth_token.encode(), said.encode(), hashlib.sha1).digest()
    return base64.b64encode(digest).decode()


def _receipt(status: Any, reference: Any, error: Any) -> Receipt | None:
    state = _STATES.get(str(status))
    if state is None or not is_reference(reference):
        return None
    return Receipt(state, reference, reason=reason_code(error) if error else "")
