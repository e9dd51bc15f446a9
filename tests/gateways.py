"""A text message provider for tests: keeps what it was given, and fails or lies when told to."""

from __future__ import annotations

import re
import threading

from accounts.phone.gateways.base import GatewayError, Handed, Sms
from tests.planted import plant

_CODE = re.compile(r"(?<!\d)\d{6}(?!\d)")


class RecordingGateway:
    """One per process; `forget()` between tests."""

    honours_keys = True

    sent: list[Sms] = []
    troubles: list[Exception] = []
    _lock = threading.Lock()

    @classmethod
    def forget(cls) -> None:
        """Start anew."""
        cls.sent.clear()
        cls.troubles.clear()

    def send(self, sms: Sms) -> Handed:
        """Raise the next trouble, or take the message without knowing whether it arrives."""
        with self._lock:
            if self.troubles:
                raise self.troubles.pop(0)
            self.sent.append(sms)
        if code := code_in(sms.text):
            plant("code", code)
        return Handed(reference=f"test-{sms.idempotency_key}")


class LyingGateway(RecordingGateway):
    """Sends, and then says that it could not: the answer got lost on the way back."""

    def send(self, sms: Sms) -> Handed:
        """Take the message, then break."""
        super().send(sms)
        raise GatewayError("no answer")


def code_in(text: str) -> str:
    """The six digits in a message; empty when it carries none."""
    found = _CODE.search(text)
    return found.group() if found else ""
