"""Reads every log line of a test run and fails the run when one holds a secret of the cast.

A pytest plugin. Settings of the tests name a file (`WALLET_LOG_FILE`) that gets each line of INFO
and above as production writes it: from this process, and from every server, worker and beat that a
test starts. What is secret is noted while the tests run: by the cast, and where sessions, tokens,
codes and keys are made. Each process of pytest-xdist reads its own file and tells the one that
reports.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from tests.planted import plant, planted

_found: list[str] = []
_OUTPUT = "secrets_in_logs"
# Made by ourselves when the record was, so no secret; digits in it may look like a code.
_OWN_FIELDS = ("time", "ms", "request_id", "reference", "payment", "person", "task_id", "status")
_SIX_DIGITS = re.compile(r"(?<![\w.])\d{6}(?![\w.])")


def find_secrets(lines: Iterator[str]) -> list[str]:
    """Kind of secret and logger for each line that holds one; never the secret itself."""
    codes = planted.get("code", set()) | planted.get("payment password", set())
    words = [
        (kind, re.compile("|".join(re.escape(text) for text in sorted(texts))))
        for kind, texts in planted.items()
        if kind not in {"code", "payment password"}
    ]
    found = []
    for line in lines:
        record = _read(line)
        text = "\n".join(str(value) for name, value in record.items() if name not in _OWN_FIELDS)
        kinds = [kind for kind, pattern in words if pattern.search(text)]
        if codes.intersection(_SIX_DIGITS.findall(text)):
            kinds.append("code or payment password")
        found += [f"{kind} in a line of {record.get('logger', 'unknown')}" for kind in kinds]
    return found


def _read(line: str) -> dict[str, Any]:
    try:
        record = json.loads(line)
    except ValueError:
        return {"logger": "a line that is not JSON", "message": line}
    return record if isinstance(record, dict) else {"message": line}


@pytest.fixture(scope="session", autouse=True)
def secrets_are_noted() -> Iterator[None]:
    """Note what is secret where it is made."""
    from django.conf import settings
    from django.contrib.sessions.backends.base import SessionBase
    from django.middleware import csrf

    from accounts.factors import services as factors
    from accounts.guiding import services as helping
    from payments.safety import services as freezing

    for key in (
        settings.SECRET_KEY,
        settings.INDEX_KEY,
        *settings.OLD_INDEX_KEYS,
        *settings.FIELD_KEYS,
        *settings.PAYMENT_PASSWORD_KEYS,
    ):
        plant("key", key)
    with pytest.MonkeyPatch.context() as patch:
        _note(patch, SessionBase, "_get_new_session_key", "session key")
        _note(patch, csrf, "_get_new_csrf_string", "csrf token")
        _note(patch, csrf, "_mask_cipher_secret", "csrf token")
        _note(patch, factors, "replace_recovery_codes", "recovery code")
        _note(patch, factors, "enrolment_details", "authenticator secret", lambda it: it.secret)
        _note(patch, freezing, "new_code", "freeze code")
        _note(patch, helping, "two_groups", "helper code")
        yield


def _note(
    patch: pytest.MonkeyPatch,
    place: Any,
    name: str,
    kind: str,
    read: Callable[[Any], str | list[str]] = lambda it: it,
) -> None:
    make = getattr(place, name)

    def noting(*arguments: Any, **options: Any) -> Any:
        made = make(*arguments, **options)
        texts = read(made)
        for text in [texts] if isinstance(texts, str) else texts:
            plant(kind, text)
        return made

    patch.setattr(place, name, noting)


def pytest_sessionfinish(session: pytest.Session, exitstatus: int) -> None:
    """Read the file of this process; with xdist the reporting process hears of it."""
    file = Path(os.environ.get("WALLET_LOG_FILE", ""))
    if file.is_file():
        with file.open(encoding="utf-8", errors="replace") as lines:
            _found.extend(find_secrets(lines))
    if hasattr(session.config, "workeroutput"):
        session.config.workeroutput[_OUTPUT] = _found
    elif _found:
        session.exitstatus = pytest.ExitCode.TESTS_FAILED


@pytest.hookimpl(optionalhook=True)
def pytest_testnodedown(node: Any, error: object) -> None:
    """A process of pytest-xdist is done: take over what it found."""
    _found.extend(getattr(node, "workeroutput", {}).get(_OUTPUT, []))


def pytest_terminal_summary(terminalreporter: Any) -> None:
    """Say what was found, by kind and logger."""
    if _found:
        terminalreporter.section("secrets in logs", red=True)
        for line in sorted(set(_found)):
            terminalreporter.line(f"{line} ({_found.count(line)} times)")
