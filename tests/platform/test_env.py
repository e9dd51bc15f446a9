"""Settings come from the environment or from files it names, and nothing else."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from django.core.exceptions import ImproperlyConfigured

from tests.platform.production import environment
from walletsite.env import env, postgresql_options, secret

pytestmark = pytest.mark.once
ROOT = Path(__file__).resolve().parents[2]


def test_a_value_in_a_file_is_read_without_its_newline(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "url").write_text("redis://:p%23w@redis.example/0\n")
    monkeypatch.setenv("A_TEST_URL_FILE", str(tmp_path / "url"))
    assert env.str("A_TEST_URL") == "redis://:p%23w@redis.example/0"


def test_a_file_that_cannot_be_read_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANOTHER_TEST_URL_FILE", "/nowhere/at/all")
    with pytest.raises(ImproperlyConfigured, match="ANOTHER_TEST_URL_FILE names /nowhere/at/all"):
        env.str("ANOTHER_TEST_URL", default="")


def test_a_missing_secret_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(ImproperlyConfigured, match="Set A_TEST_SECRET or A_TEST_SECRET_FILE"):
        secret("A_TEST_SECRET", keys_dir=tmp_path, may_create=False)
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "name",
    [
        "DJANGO_SECRET_KEY",
        "WALLET_FIELD_KEYS",
        "WALLET_INDEX_KEY",
        "WALLET_PAYMENT_PASSWORD_KEYS",
    ],
)
def test_no_program_starts_in_production_without_each_secret(name: str, tmp_path: Path) -> None:
    variables = environment(tmp_path, database_url="postgres://wallet@db.example/wallet")
    del variables[name]
    done = subprocess.run(
        [sys.executable, "manage.py", "check"],
        cwd=ROOT, env=variables, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode != 0
    assert f"Set {name} or {name}_FILE" in done.stderr
    assert not (tmp_path / "var" / "keys").exists()


def test_what_the_url_says_about_a_connection_wins() -> None:
    limits = {"statement_seconds": 20, "lock_seconds": 8, "idle_seconds": 30}
    options = postgresql_options(
        {"connect_timeout": 2, "options": "-c lock_timeout=1000"}, **limits
    )
    assert options["connect_timeout"] == 2
    assert options["options"].endswith("-c lock_timeout=1000")
    assert "statement_timeout=20000" in postgresql_options({}, **limits)["options"]


def test_the_environment_of_a_test_names_no_real_site() -> None:
    assert "DATABASE_URL" not in os.environ or "wallet-test-" in os.environ["DATABASE_URL"]
