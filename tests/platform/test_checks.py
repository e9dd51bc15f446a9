"""An installation that is not safe for real money does not start."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import ImproperlyConfigured

from walletsite.checks import refuse_unsafe, safe_for_real_money


@pytest.fixture
def bank(settings: Any) -> Any:
    """Settings of an installation with everything as it should be."""
    settings.EMBEDDED = settings.TRIAL = settings.DEMO_MODE = settings.DEBUG = False
    settings.SECURE_COOKIES = True
    settings.SMS = {**settings.SMS, "gateway": "bank.sms.Gateway"}
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": "bank.rails.Rail"}
    settings.ALLOWED_HOSTS = ["wallet.example"]
    settings.SECRET_KEY, settings.INDEX_KEY = "s" * 40, "i" * 40
    settings.FIELD_KEYS, settings.PAYMENT_PASSWORD_KEYS = ["f" * 40], ["p" * 40]
    return settings


def found(level: str = "E") -> list[str]:
    prefix = f"walletsite.{level}"
    messages = safe_for_real_money(None)
    return [each.id.removeprefix(prefix) for each in messages if (each.id or "").startswith(prefix)]


def test_a_proper_installation_starts(bank: Any) -> None:
    assert found() == []
    refuse_unsafe()


@pytest.mark.parametrize(
    ("name", "value", "number"),
    [
        ("DEMO_MODE", True, "001"),
        ("SMS", {"gateway": "accounts.phone.gateways.demo.DemoGateway"}, "002"),
        ("SMS", {"gateway": "accounts.phone.gateways.console.ConsoleGateway"}, "002"),
        ("SANDBOX_BANK", {"rail": "payments.banking.rails.sandbox.SandboxRail"}, "003"),
        ("DEBUG", True, "004"),
        ("SECURE_COOKIES", False, "005"),
        ("ALLOWED_HOSTS", ["*"], "006"),
        ("INDEX_KEY", "short", "007"),
        ("INDEX_KEY", "f" * 40, "008"),
    ],
)
def test_what_is_for_trying_out_is_refused(bank: Any, name: str, value: Any, number: str) -> None:
    setattr(bank, name, value)
    assert found() == [number]
    with pytest.raises(ImproperlyConfigured):
        refuse_unsafe()


def test_a_trial_is_warned_and_the_embedded_default_is_left_alone(bank: Any) -> None:
    bank.DEMO_MODE = bank.TRIAL = True
    assert (found("E"), found("W")) == ([], ["001"])
    bank.EMBEDDED, bank.TRIAL = True, False
    assert safe_for_real_money(None) == []
