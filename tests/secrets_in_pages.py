"""Reads every answer of Django's test client and fails the test whose page shows what no page may.

A pytest plugin, the sister of `secrets_in_logs`. A whole ID number stands on no page, in no file,
no cookie and no header of an answer, whoever asks; a whole phone or card number neither, and a
login password never. What this browser has typed itself may be given back to it, except for
passwords.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator
from typing import Any
from urllib.parse import unquote_plus

import pytest
from django.test import Client
from django.test.client import FakePayload

from tests.planted import planted

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_CARD = re.compile(r"(?<!\d)\d{13,19}(?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:86)?(1[3-9]\d{9})(?!\d)")


def shown_secrets(text: str, sent: str) -> list[str]:
    """Kinds of secret that an answer shows; `sent` is what the browser has typed."""
    kinds = []
    patterns = (("ID number", _ID_NUMBER), ("phone", _PHONE), ("card number", _CARD))
    for kind, pattern in patterns:
        known = planted.get(kind, set())
        if any(each in known and each not in sent for each in pattern.findall(text)):
            kinds.append(kind)
    if any(each in text for each in planted.get("login password", ())):
        kinds.append("login password")
    return kinds


def _look(text: str, where: str, mine: str, found: list[str]) -> None:
    found.extend(f"{kind} on {where}" for kind in shown_secrets(text, mine))


def _looked_at(parts: Iterable[bytes], where: str, mine: str, found: list[str]) -> Iterator[bytes]:
    """A file that is written while it is sent: looked at as it goes, and as a whole at its end."""
    sent = []
    for part in parts:
        sent.append(part)
        yield part
    _look(b"".join(sent).decode("utf-8", "replace"), where, mine, found)


@pytest.fixture(autouse=True)
def pages_show_no_secret(monkeypatch: pytest.MonkeyPatch) -> Iterator[list[str]]:
    """Look at each answer of the test client on its way to the test."""
    found: list[str] = []
    typed: dict[int, str] = {}
    ask = Client.request

    def looking(client: Client, **request: Any) -> Any:
        body = request["wsgi.input"].read() if "wsgi.input" in request else b""
        request["wsgi.input"] = FakePayload(body)
        sent = unquote_plus(f"{request.get('QUERY_STRING', '')} {body.decode('utf-8', 'replace')}")
        mine = typed.get(id(client), "") + unicodedata.normalize("NFKC", sent)
        typed[id(client)] = mine
        answer = ask(client, **request)
        where = request.get("PATH_INFO", "")
        head = f"{answer.headers}\n{answer.cookies}\n"
        if answer.streaming and not answer.is_async:
            answer.streaming_content = _looked_at(answer.streaming_content, where, mine, found)
            _look(head, where, mine, found)
        else:
            body = b"" if answer.streaming else answer.content
            _look(head + body.decode("utf-8", "replace"), where, mine, found)
        return answer

    monkeypatch.setattr(Client, "request", looking)
    yield found
    assert not found, sorted(set(found))
