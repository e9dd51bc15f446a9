"""The net under the logs of the suite does catch: tried on runs of pytest that log what they
must not."""

from __future__ import annotations

import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from django.conf import settings
from django.http import HttpResponse
from django.test import RequestFactory

from accounts.cases.services import open_case
from accounts.changes.services import note_change
from accounts.guiding.services import make_code
from accounts.security.devices import welcome_device
from accounts.security.services import open_session
from accounts.signin.tests.doors import app_code
from accounts.users.models import User
from payments.safety.services import make_freeze_code
from tests.planted import planted
from tests.secrets_in_logs import find_secrets

pytestmark = pytest.mark.once

ROOT = Path(__file__).resolve().parent.parent
_LEAK = """
import logging, pytest
from django.test import Client
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, make_customer
from tests.planted import plant

def test_something():
    plant("login password", LOGIN_PASSWORD)
    logging.getLogger("payments.somewhere").info("%s")

def test_something_else():
    assert True
"""
_IN_A_CHILD = """
import os, subprocess, sys
from tests.planted import plant

def test_a_server_leaks():
    plant("name", "陈思远")
    code = "import django, logging; django.setup(); logging.getLogger('child').info('陈思远')"
    subprocess.run([sys.executable, "-c", code], check=True,
                   env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"})
"""
_SESSION = """
import logging
import pytest
from tests.cast import make_customer

@pytest.mark.django_db
def test_a_session_key_leaks(client):
    client.force_login(make_customer())
    logging.getLogger("accounts.somewhere").warning("for %s", client.session.session_key)
"""


def run(folder: Path, text: str, *options: str) -> subprocess.CompletedProcess[str]:
    (folder / "test_leak.py").write_text(text, encoding="utf-8")
    environment = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith(("WALLET_", "PYTEST_", "DATABASE_URL"))
    }
    return subprocess.run(
        [
            sys.executable, "-m", "pytest", "-q", "-c", str(ROOT / "pyproject.toml"),
            "--rootdir", str(ROOT), "-p", "tests.secrets_in_logs", *options, str(folder / "test_leak.py"),
        ],
        cwd=ROOT, env={**environment, "PYTHONPATH": str(ROOT)}, capture_output=True, text=True,
        check=False,
    )  # fmt: skip


@pytest.mark.parametrize("options", [(), ("-n", "2")])
def test_a_password_in_a_line_fails_the_run(tmp_path: Path, options: tuple[str, ...]) -> None:
    done = run(tmp_path, _LEAK % "a quiet river 27", *options)
    assert "2 passed" in done.stdout, done.stdout + done.stderr
    assert done.returncode == 1
    assert "login password in a line of payments.somewhere (1 times)" in done.stdout
    assert "a quiet river 27" not in done.stdout


def test_a_clean_run_passes(tmp_path: Path) -> None:
    done = run(tmp_path, _LEAK % "nothing to see")
    assert done.returncode == 0, done.stdout + done.stderr


def test_what_a_child_process_logs_is_read_too(tmp_path: Path) -> None:
    done = run(tmp_path, _IN_A_CHILD)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "name in a line of child" in done.stdout


def test_a_session_key_is_known_without_being_planted_by_hand(tmp_path: Path) -> None:
    done = run(tmp_path, _SESSION)
    assert done.returncode == 1, done.stdout + done.stderr
    assert "session key in a line of accounts.somewhere" in done.stdout


@pytest.fixture
def made(alice: User, rf: RequestFactory) -> dict[str, str]:
    """One of each secret that nobody plants by hand, made as the product makes it."""
    answer = HttpResponse()
    welcome_device(request=rf.get("/"), response=answer, user=alice, label="a browser")
    session = open_session(user=alice, label="a browser", address="")
    case = open_case(
        user=alice, topic="other", subject="About my card", body="It fell into the lake."
    )
    return {
        "freeze code": make_freeze_code(user=alice),
        "helper code": make_code(user=alice, session=session, purpose="view"),
        "case number": case.number,
        "change number": note_change(user=alice, kind="two_factor.off").number,
        "device token": answer.cookies[settings.DEVICE_COOKIE_NAME].value.split(":")[0],
        "text of a case": "It fell into the lake.",
        "code or payment password": app_code("GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ"),
    }


@pytest.mark.django_db(transaction=True)
def test_what_the_product_makes_is_caught_without_being_planted(made: dict[str, str]) -> None:
    for kind, secret in made.items():
        line = json.dumps({"logger": "somewhere", "message": f"for {secret}, which"})
        assert f"{kind} in a line of somewhere" in find_secrets(iter([line])), kind
    for kind in ("freeze code", "helper code", "change number", "case number"):
        bare = made[kind].removeprefix("C-").replace("-", "")
        line = json.dumps({"logger": "somewhere", "message": f"typed {bare}"})
        assert find_secrets(iter([line])) == [f"{kind} in a line of somewhere"], kind


# A secret of each kind that the suite notes.
KINDS = {
    "name": "欧阳清漪",
    "ID number": "310101199003071239",
    "phone": "13912345678",
    "card number": "6210990000000013",
    "login password": "a quiet river 27",
    "payment password": "739164",
    "code": "402867",
    "recovery code": "7K3M-94QX-2WCD-HJ5N",
    "freeze code": "7K3M-94QX-2WCD-HJ5P",
    "helper code": "7K3M-94QX",
    "change number": "8K3M-94QX",
    "case number": "9K3M-94QX",
    "authenticator secret": "JBSWY3DPEHPK3PXP",
    "session key": "2f0kq0d9x12f0kq0d9x12f0kq0d9x1ab",
    "csrf token": "Qb1Zk8c7d6Qb1Zk8c7d6Qb1Zk8c7d6ab",
    "key": "a-field-key-that-was-made-today-0123456789abcdef",
}


def test_every_kind_that_the_suite_notes_is_among_those_that_are_tried() -> None:
    noted: set[str] = set()
    for path in (*ROOT.glob("tests/**/*.py"), *ROOT.glob("*/**/tests/*.py")):
        text = path.read_text(encoding="utf-8")
        noted |= set(re.findall(r'(?<!def )\bplant\(\s*"([A-Za-z ]+)",', text))
        noted |= set(re.findall(r'_note\(patch, \w+, "\w+", "([^"]+)"', text))
    assert noted == set(KINDS)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize(
    "place",
    [
        {"message": "to {}, please"},
        {"message": "failed", "exception": "Traceback\nValueError: {} is in use"},
        {"message": "done", "outcome": "{}"},
    ],
)
def test_each_kind_is_found_wherever_a_line_may_hold_it(
    monkeypatch: pytest.MonkeyPatch, kind: str, place: dict[str, str]
) -> None:
    monkeypatch.setitem(planted, kind, {KINDS[kind]})
    line = {"logger": "a", **{name: text.format(KINDS[kind]) for name, text in place.items()}}
    found = find_secrets(iter([json.dumps(line, ensure_ascii=False)]))
    said = "code or payment password" if kind in ("code", "payment password") else kind
    assert found == [f"{said} in a line of a"]
    # A worker or a server that wrote past the logs.
    assert find_secrets(iter([f"oops: {KINDS[kind]}"]))


def test_six_digits_count_as_a_whole_and_in_what_was_said_only(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setitem(planted, "code", {"739164"})
    assert find_secrets(iter(['{"logger": "a", "message": "sent 739164"}'])) == [
        "code or payment password in a line of a"
    ]
    for clean in (
        '{"logger": "a", "message": "row 17391640", "ms": 739164}',
        '{"logger": "a", "message": "x", "time": "2026-11-23T10:00:00.739164"}',
        '{"logger": "a", "message": "x", "payment": "550e8400-e29b-41d4-a716-446655739164"}',
    ):
        assert find_secrets(iter([clean])) == []
