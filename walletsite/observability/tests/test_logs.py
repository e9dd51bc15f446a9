"""What a log line says, and what it never says."""

from __future__ import annotations

import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from typing import Any

import pytest
from django.test import Client

from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, wallet_with
from walletsite.observability import context
from walletsite.observability.logs import FactsFilter, JsonLines, PlainLines
from walletsite.observability.masks import mask


class Lines(logging.Handler):
    """Keeps every line as production writes it."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[dict[str, Any]] = []
        self.setFormatter(JsonLines())
        self.addFilter(FactsFilter())

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(json.loads(self.format(record)))

    def of(self, logger: str) -> list[dict[str, Any]]:
        return [line for line in self.lines if line["logger"] == logger]


@pytest.fixture(autouse=True)
def nothing_is_known() -> None:
    """Facts of an earlier test are forgotten."""
    context.start_anew({})


@pytest.fixture
def lines() -> Iterator[Lines]:
    handler = Lines()
    logging.getLogger().addHandler(handler)
    yield handler
    logging.getLogger().removeHandler(handler)


def line_of(message: str, *arguments: object, **extra: object) -> dict[str, Any]:
    record = logging.LogRecord("a.room", logging.INFO, "f.py", 1, message, arguments, None)
    record.__dict__.update(extra)
    FactsFilter().filter(record)
    line: dict[str, Any] = json.loads(JsonLines().format(record))
    return line


@pytest.mark.django_db
def test_one_line_per_request_names_the_pattern_and_no_value(
    client: Client, alice: User, lines: Lines
) -> None:
    client.force_login(alice)
    client.get("/activity/1b671a64-40d5-491e-99b0-da01ff1f3341/?q=13800136027")
    [line] = lines.of("wallet.access")
    assert line["route"] == "/activity/<uuid:public_id>/"
    assert (line["method"], line["status"], line["level"]) == ("GET", 404, "INFO")
    assert line["person"] == str(alice.public_id)
    assert line["ms"] > 0
    assert "13800136027" not in json.dumps(lines.lines)


@pytest.mark.django_db
def test_an_address_that_does_not_exist_is_not_written_down(client: Client, lines: Lines) -> None:
    client.get("/wp-admin/13800136027/")
    [line] = lines.of("wallet.access")
    assert (line["route"], line["status"]) == ("none", 404)
    assert "wp-admin" not in json.dumps(lines.lines)


@pytest.mark.django_db
def test_the_answer_carries_the_id_that_the_lines_carry(client: Client, lines: Lines) -> None:
    answer = client.get("/sign-in/")
    [line] = lines.of("wallet.access")
    assert answer["X-Request-ID"] == line["request_id"]
    assert len(line["request_id"]) == 32
    assert line["reference"].startswith("E-")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("proxies", "given", "is_taken"),
    [
        (1, "7f3e2d1c-req-0001", True),
        (0, "7f3e2d1c-req-0001", False),
        (1, "short", False),
        (1, "x" * 65, False),
        (1, "two words here", False),
        (1, '"},{"level":"INFO', False),
    ],
)
def test_only_our_own_proxy_may_name_a_request(
    client: Client, settings: Any, proxies: int, given: str, is_taken: bool
) -> None:
    settings.TRUSTED_PROXY_COUNT = proxies
    answer = client.get("/sign-in/", headers={"x-request-id": given})
    assert (answer["X-Request-ID"] == given) is is_taken


@pytest.mark.django_db
def test_an_error_page_and_its_lines_have_one_reference(
    client: Client, lines: Lines, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(*_: object, **__: object) -> None:
        password = "quiet-river-27"
        raise RuntimeError(f"no idea {len(password)}")

    monkeypatch.setattr("walletsite.shell.promises.list_promises", fail)
    client.raise_request_exception = False
    answer = client.get("/security-promises/")
    said = lines.of("django.request")[0]
    assert said["reference"] in answer.content.decode()
    assert "RuntimeError: no idea 14" in said["exception"]
    assert "quiet-river-27" not in said["exception"].replace('password = "quiet-river-27"', "")
    assert said["message"] == "Internal Server Error: /security-promises/"


@pytest.mark.django_db
def test_signing_in_leaves_no_password_in_any_line(
    client: Client, alice: User, lines: Lines
) -> None:
    wallet_with(alice)
    client.post("/sign-in/", {"phone": "13800136027", "password": LOGIN_PASSWORD})
    client.post("/sign-in/", {"phone": "13800136027", "password": "something wrong"})
    text = json.dumps(lines.lines, ensure_ascii=False)
    assert lines.of("wallet.access")
    for secret in (LOGIN_PASSWORD, "something wrong", "13800136027", "陈思远"):
        assert secret not in text


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        ("sent to +8613800136027", "13800136027"),
        ("sent to 138 0013 6027.", "6027"),
        ("Key (phone)=(+447911123456) already exists", "447911123456"),
        ("id 11010119900307123X", "11010119900307123X"),
        ("card 6222 0212 3456 7894", "6222 0212"),
        ("card=4111111111111111", "4111111111111111"),
        ("your code is 739164", "739164"),
        ("验证码：739164，5分钟内有效", "739164"),
        ("739164 is your password", "739164"),
        ("{'payment_password': '739164'}", "739164"),
        ("password=a-quiet-river&next=/", "a-quiet-river"),
        ("Authorization: Bearer abcdefghijkl", "abcdefghijkl"),
        ("Cookie: wallet=2f0kq0d9x1; other=1", "2f0kq0d9x1"),
        ("csrfmiddlewaretoken=Qb1Zk8c7d6", "Qb1Zk8c7d6"),
        ("Error 111 connecting to redis://:hunter2@10.0.0.5:6379", "hunter2"),
        ("postgres://wallet:hunter2@db/wallet", "hunter2"),
    ],
)
def test_what_looks_like_a_secret_is_masked(text: str, secret: str) -> None:
    assert secret not in mask(text)


@pytest.mark.parametrize(
    "text",
    [
        "transfer 8F3K 2PQR: new > processing",
        "bank order WD-20261123-000123: no answer",
        "payment 550e8400-e29b-41d4-a716-446655440000 took 123456 ms",
        "sealed up to entry 1000000",
        "1782345678901234567 ns",
        "2026-11-23 16:24:47,467",
    ],
)
def test_what_is_no_secret_stays_readable(text: str) -> None:
    assert mask(text) == text


def test_the_mask_covers_messages_exceptions_and_extras_alike() -> None:
    try:
        raise ValueError("duplicate key (phone)=(13800136027)")
    except ValueError as error:
        record = logging.LogRecord(
            "a", logging.ERROR, "f", 1, "to %s", ("13800136027",), (type(error), error, None)
        )
    record.outcome = "13800136027"
    FactsFilter().filter(record)
    for formatter in (JsonLines(), PlainLines()):
        assert "13800136027" not in formatter.format(record)
        assert "[phone]" in formatter.format(record)


def test_what_libraries_attach_is_left_out() -> None:
    line = line_of("hello", sql="SELECT 1", params=["739164"], server_time="now", status_code=200)
    assert set(line) == {"time", "level", "logger", "message"}


def test_a_line_is_one_line_whatever_is_logged() -> None:
    record = logging.LogRecord("a", logging.INFO, "f", 1, "one\ntwo %s", ("\r\nthree",), None)
    assert "\n" not in JsonLines().format(record)
    assert json.loads(JsonLines().format(record))["message"] == "one\ntwo \r\nthree"


def test_facts_hold_within_their_block_only() -> None:
    with context.working_on(payment="p-1", colour="blue"):
        assert line_of("in")["payment"] == "p-1"
        assert "colour" not in line_of("in")
    assert "payment" not in line_of("out")


def run_python(code: str) -> subprocess.CompletedProcess[str]:
    """A process of the site that does this."""
    return subprocess.run(
        [sys.executable, "-c", f"import django, threading; django.setup()\n{code}"],
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "tests.settings"},
        capture_output=True,
        text=True,
        check=False,
    )


_FAILS = "raise ValueError('Key (phone)=(+8613800136027) exists')"


@pytest.mark.parametrize(
    ("code", "status"),
    [
        (_FAILS, 1),
        (f"def f():\n    {_FAILS}\nt = threading.Thread(target=f)\nt.start()\nt.join()", 0),
        (
            "from django.core import management as m\n"
            f"class Command(m.BaseCommand):\n    def handle(self, **_): {_FAILS}\n"
            "Command().run_from_argv(['manage.py', 'x'])",
            1,
        ),
    ],
)
def test_an_error_that_nobody_caught_is_masked_on_its_way_out(code: str, status: int) -> None:
    done = run_python(code)
    assert done.returncode == status, done.stderr
    assert "ValueError: Key (phone)=([phone]) exists" in done.stderr
    # The line of the program that stands above it is source text, and no value.
    assert "13800136027" not in done.stderr + done.stdout
