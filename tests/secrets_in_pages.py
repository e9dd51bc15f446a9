"""Reads every answer of Django's test client and fails the test whose page shows what no page may.

A pytest plugin, the sister of `secrets_in_logs`. A whole ID number stands on no page, in no file
and in no header of an answer, whoever asks; a whole phone number neither, and a login password
never. What this browser has typed itself may be given back to it, except for passwords.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator
from typing import Any
from urllib.parse import unquote_plus

import pytest
from django.test import Client
from django.test.client import FakePayload

from tests.planted import planted

_ID_NUMBER = re.compile(r"(?<!\d)\d{17}[\dXx](?!\d)")
_PHONE = re.compile(r"(?<!\d)(?:86)?(1[3-9]\d{9})(?!\d)")


def shown_secrets(text: str, sent: str) -> list[str]:
    """Kinds of secret that an answer shows; `sent` is what the browser has typed."""
    kinds = []
    for kind, pattern in (("ID number", _ID_NUMBER), ("phone", _PHONE)):
        known = planted.get(kind, set())
        if any(each in known and each not in sent for each in pattern.findall(text)):
            kinds.append(kind)
    if any(each in text for each in planted.get("login password", ())):
        kinds.append("login password")
    return kinds


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
        if not answer.streaming:
            text = f"{answer.headers}\n{answer.content.decode('utf-8', 'replace')}"
            where = request.get("PATH_INFO", "")
            found.extend(f"{kind} on {where}" for kind in shown_secrets(text, mine))
        return answer

    monkeypatch.setattr(Client, "request", looking)
    yield found
    assert not found, sorted(set(found))
