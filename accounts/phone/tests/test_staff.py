"""What staff and operators see of providers, and what a site without one says at the start."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured
from django.template.loader import render_to_string
from django.test import Client
from django.utils import timezone

from accounts.phone.models import SmsCode, SmsProvider
from accounts.phone.outbox import deliver
from accounts.phone.selectors import code_status
from accounts.phone.tests.asking import PHONE, ask
from accounts.phone.tests.provider_server import ProviderServer, raw
from accounts.signin.tests.doors import sign_in_staff
from tests.cast import make_staff
from walletsite.env import chosen_secret

pytestmark = pytest.mark.django_db


def _ids() -> set[str]:
    return {str(each.id) for each in run_checks(tags=["walletsite"])}


def test_staff_see_how_providers_do_and_no_phone(
    client: Client, twilio: ProviderServer, aliyun: ProviderServer
) -> None:
    twilio.usual = raw(503, b"{}")
    for number in range(3):
        challenge = ask(phone=f"+86138001360{number + 10}")
        deliver(challenge.codes.get().pk)
    staff = make_staff("Operations")
    staff.locale = "en"
    staff.save()
    sign_in_staff(client, staff)
    page = client.get("/admin/accounts/smsprovider/").content.decode()
    assert "resting" in page
    assert "http-503" in page
    results = client.get("/admin/accounts/smsresult/").content.decode()
    assert f"sms-{SmsCode.objects.earliest('pk').pk}" in results
    assert client.get("/admin/accounts/smsreceipt/").status_code == 200
    for text in (page, results):
        assert "13800136" not in text
    SmsProvider.objects.update(rests_until=timezone.now() - timedelta(seconds=1))
    page = client.get("/admin/accounts/smsprovider/").content.decode()
    assert "to be tried again" in page


def test_the_code_page_says_that_messages_are_held_up(twilio: ProviderServer) -> None:
    challenge = ask()
    for is_down in (False, True):
        if is_down:
            rests_until = timezone.now() + timedelta(seconds=60)
            SmsProvider.objects.create(name="twilio", failures=3, rests_until=rests_until)
        facts = {"challenge": challenge, "status": code_status(challenge)}
        page = render_to_string("accounts/phone/_delivery.html", facts)
        assert ("held up" in page) is is_down
        assert PHONE not in page


def test_providers_that_are_set_up_pass(
    twilio: ProviderServer, aliyun: ProviderServer, settings: Any
) -> None:
    assert not {name for name in _ids() if name.startswith("accounts.E")}
    settings.SMS_ALIYUN = {**settings.SMS_ALIYUN, "templates": {}}
    assert "accounts.W103" in _ids()


@pytest.mark.parametrize(
    ("name", "value", "wanted"),
    [
        ("account_sid", "", "accounts.E101"),
        ("auth_token", "", "accounts.E101"),
        ("from", "", "accounts.E101"),
        ("url", "http://sms.example", "accounts.E102"),
        ("url", "https://user:password@sms.example", "accounts.E102"),
        ("url", "https://sms.example?key=1", "accounts.E102"),
        ("url", "sms.example", "accounts.E102"),
    ],
)
def test_one_that_cannot_work_is_refused(
    twilio: ProviderServer, settings: Any, name: str, value: str, wanted: str
) -> None:
    settings.SMS_TWILIO = {**settings.SMS_TWILIO, name: value}
    assert wanted in _ids()


def test_a_misspelt_or_doubled_provider_a_callback_in_clear_and_endless_patience_are_refused(
    twilio: ProviderServer, settings: Any
) -> None:
    settings.SMS = {
        **settings.SMS,
        "providers": ["twilio", "twilio", "twillio"],
        "callback_url": "http://wallet.example",
        "deadline_seconds": 30,
    }
    assert {"accounts.E102", "accounts.E104", "accounts.E105", "accounts.E106"} <= _ids()


def test_real_providers_are_no_trial_gateway(
    twilio: ProviderServer, aliyun: ProviderServer, settings: Any
) -> None:
    settings.EMBEDDED = False
    settings.TRIAL = False
    settings.DEMO_MODE = False
    assert "walletsite.E002" not in _ids()
    settings.SMS = {**settings.SMS, "providers": ["accounts.phone.gateways.demo.DemoGateway"]}
    assert "walletsite.E002" in _ids()


def test_a_chosen_provider_without_its_secret_does_not_start(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Any
) -> None:
    with pytest.raises(ImproperlyConfigured, match="SMS_X_TOKEN_FILE"):
        chosen_secret("SMS_X_TOKEN", is_needed=True)
    assert chosen_secret("SMS_X_TOKEN", is_needed=False) == ""
    file = tmp_path / "token"
    file.write_text("from a file\n", encoding="ascii")
    monkeypatch.setenv("SMS_X_TOKEN_FILE", str(file))
    assert chosen_secret("SMS_X_TOKEN", is_needed=True) == "from a file"
