"""Two providers for the tests of this room, each a real server."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from accounts.phone.tests.provider_server import ProviderServer, aliyun_ok, serving, twilio_ok

CALLBACK = "https://wallet.example"
TOKEN = "token of the tests"


@pytest.fixture
def twilio(settings: Any) -> Iterator[ProviderServer]:
    """The only provider, unless another fixture adds one after it."""
    with serving(twilio_ok) as server:
        settings.SMS_TWILIO = {
            **settings.SMS_TWILIO,
            "url": server.url,
            "account_sid": "AC1",
            "auth_token": TOKEN,
            "from": "+8610000",
        }
        _use(settings, "twilio")
        yield server


@pytest.fixture
def aliyun(settings: Any) -> Iterator[ProviderServer]:
    """The next provider."""
    with serving(aliyun_ok) as server:
        settings.SMS_ALIYUN = {
            **settings.SMS_ALIYUN,
            "url": server.url,
            "access_key_id": "AK1",
            "access_key_secret": TOKEN,
            "sign_name": "示例银行",
            "templates": {"card_link": "SMS_1", "card_link.en": "SMS_2"},
            "receipt_token": TOKEN,
        }
        _use(settings, "aliyun")
        yield server


def _use(settings: Any, name: str) -> None:
    settings.SMS = {
        **settings.SMS,
        "providers": [*settings.SMS["providers"], name],
        "callback_url": CALLBACK,
        "deadline_seconds": 0.7,
    }
