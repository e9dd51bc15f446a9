"""An installation that is not safe for real money does not start."""

from __future__ import annotations

from pathlib import Path
from secrets import token_urlsafe
from typing import Any

import pytest
from django.core.checks import run_checks
from django.core.exceptions import ImproperlyConfigured

from walletsite import checks
from walletsite.checks import refuse_embedded, refuse_unsafe, safe_for_real_money

pytestmark = pytest.mark.once

GATEWAY = "tests.gateways.RecordingGateway"


@pytest.fixture
def bank(settings: Any, monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Any:
    """Settings of an installation with everything as it should be."""
    settings.EMBEDDED = settings.TRIAL = settings.DEMO_MODE = settings.DEBUG = False
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_HSTS_SECONDS, settings.SECURE_SSL_REDIRECT = 31_536_000, True
    settings.SMS = {**settings.SMS, "gateway": GATEWAY}
    settings.SANDBOX_BANK = {**settings.SANDBOX_BANK, "rail": GATEWAY}
    settings.IDENTITY_CHECK = GATEWAY
    settings.ALLOWED_HOSTS = ["wallet.example"]
    settings.SECRET_KEY, settings.INDEX_KEY = token_urlsafe(48), token_urlsafe(48)
    settings.FIELD_KEYS = [token_urlsafe(48), token_urlsafe(48)]
    settings.PAYMENT_PASSWORD_KEYS = [token_urlsafe(48)]
    # In place: the checks look at it, and nothing here connects to it.
    monkeypatch.setitem(settings.DATABASES["default"], "ENGINE", "django.db.backends.postgresql")
    settings.CACHES = {"default": {"BACKEND": "walletsite.caches.SharedRedisCache"}}
    settings.REDIS_URL = "redis://redis.example/0"
    settings.BEHIND_PROXY, settings.TRUSTED_PROXY_COUNT = True, 1
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    settings.VAR_DIR = tmp_path / "var"
    monkeypatch.setattr(checks, "secret_files", {})
    return settings


def found(level: str = "E") -> list[str]:
    prefix = f"walletsite.{level}"
    messages = safe_for_real_money(None)
    return [each.id.removeprefix(prefix) for each in messages if (each.id or "").startswith(prefix)]


def test_a_proper_installation_starts(bank: Any) -> None:
    assert safe_for_real_money(None) == []
    refuse_unsafe()


UNSAFE = [
    ("DEMO_MODE", True, "001"),
    ("SMS", {"gateway": "accounts.phone.gateways.demo.DemoGateway"}, "002"),
    ("IDENTITY_CHECK", "accounts.identity.checks.demo.DemoChecker", "019"),
    ("SMS", {"gateway": "accounts.phone.gateways.console.ConsoleGateway"}, "002"),
    ("SMS", {"gateway": "bank.sms.Misspelt"}, "002"),
    ("SANDBOX_BANK", {"rail": "payments.banking.rails.sandbox.SandboxRail"}, "003"),
    ("SANDBOX_BANK", {"rail": "payments.banking.rails.files.FileRail"}, "003"),
    ("DEBUG", True, "004"),
    ("SESSION_COOKIE_SECURE", False, "005"),
    ("CSRF_COOKIE_SECURE", False, "005"),
    ("ALLOWED_HOSTS", ["wallet.example", "*"], "006"),
    ("INDEX_KEY", "short", "007"),
    ("PAYMENT_PASSWORD_KEYS", [token_urlsafe(48), "short"], "007"),
    ("SECRET_KEY", "django-insecure-" + "0123456789abcdefghij" * 3, "009"),
    ("INDEX_KEY", "abcd" * 12, "009"),
    ("FIELD_KEYS", ["please-change-me-" + token_urlsafe(48)], "009"),
    ("SECURE_HSTS_SECONDS", 0, "010"),
    ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.locmem.LocMemCache"}}, "011"),
    ("CACHES", {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}, "011"),
    ("BEHIND_PROXY", False, "013"),
    ("TRUSTED_PROXY_COUNT", 0, "013"),
    ("TRUSTED_PROXIES", [], "013"),
    ("REDIS_URL", "", "016"),
]


@pytest.mark.parametrize(("name", "value", "number"), UNSAFE)
def test_what_is_for_trying_out_is_refused(bank: Any, name: str, value: Any, number: str) -> None:
    setattr(bank, name, value)
    assert found() == [number]
    with pytest.raises(ImproperlyConfigured, match=f"walletsite.E{number}"):
        refuse_unsafe()


def test_files_without_the_sandbox_behind_them_are_a_bank(bank: Any) -> None:
    bank.SANDBOX_BANK = {"rail": "payments.banking.rails.files.FileRail"}
    bank.BANK_FILES = {**bank.BANK_FILES, "collect_rail": "", "account": "6200000000000000"}
    assert found() == found("W") == []


def test_files_under_the_samples_account_number_are_warned_of(bank: Any) -> None:
    bank.SANDBOX_BANK = {"rail": "payments.banking.rails.files.FileRail"}
    bank.BANK_FILES = {**bank.BANK_FILES, "collect_rail": ""}
    assert (found(), found("W")) == ([], ["018"])


def test_a_check_of_the_form_alone_is_warned_of(bank: Any) -> None:
    bank.IDENTITY_CHECK = "accounts.identity.checks.formal.FormalChecker"
    assert (found(), found("W")) == ([], ["019"])


def test_one_key_for_two_purposes_is_refused(bank: Any) -> None:
    bank.INDEX_KEY = bank.FIELD_KEYS[1]
    assert found() == ["008"]


def test_sqlite_is_no_database_for_several_processes(
    bank: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(bank.DATABASES["default"], "ENGINE", "django.db.backends.sqlite3")
    assert found() == ["012"]


def test_every_fault_says_what_to_do(bank: Any) -> None:
    for name, value, _number in UNSAFE:
        setattr(bank, name, value)
    assert all(each.hint for each in safe_for_real_money(None))


def test_keys_that_everybody_can_read_or_copy_with_the_data_are_warned_of(
    bank: Any, tmp_path: Path
) -> None:
    beside, within = tmp_path / "index", tmp_path / "var" / "keys" / "fields"
    within.parent.mkdir(parents=True)
    for path, mode in ((beside, 0o444), (within, 0o400)):
        path.touch()
        path.chmod(mode)
    checks.secret_files.update(WALLET_INDEX_KEY=beside, WALLET_FIELD_KEYS=within)
    assert (found("E"), found("W")) == ([], ["015", "014"])
    beside.chmod(0o440)
    assert found("W") == ["015"]
    refuse_unsafe()


def test_http_that_is_answered_is_warned_of(bank: Any) -> None:
    bank.SECURE_SSL_REDIRECT = False
    assert (found("E"), found("W")) == ([], ["017"])


def test_a_trial_is_warned_and_the_embedded_default_is_left_alone(bank: Any) -> None:
    bank.DEMO_MODE = bank.TRIAL = True
    assert (found("E"), found("W")) == ([], ["001"])
    bank.EMBEDDED, bank.TRIAL = True, False
    assert safe_for_real_money(None) == []


@pytest.mark.parametrize("kind", ["EMBEDDED", "TRIAL"])
def test_asked_before_deployment_even_a_trial_is_judged(bank: Any, kind: str) -> None:
    setattr(bank, kind, True)
    bank.DEMO_MODE = True
    errors = run_checks(tags=["walletsite"], include_deployment_checks=True)
    assert "walletsite.E001" in [each.id for each in errors]


def test_a_server_of_many_processes_refuses_the_embedded_database(bank: Any) -> None:
    bank.EMBEDDED = True
    with pytest.raises(ImproperlyConfigured, match="DATABASE_URL"):
        refuse_embedded()
    bank.DEMO_MODE = True
    refuse_embedded()
