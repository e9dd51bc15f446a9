"""What browsers keep for the time without a network."""

from __future__ import annotations

import json

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db


def test_the_offline_page_knows_nobody_and_sets_nothing(client: Client) -> None:
    for language, words in (("en", "There is no network"), ("zh-hans", "现在连不上网络")):
        answer = client.get("/offline/", {"language": language})
        assert words in answer.content.decode()
        assert b"csrfmiddlewaretoken" not in answer.content
        assert not answer.cookies
    assert client.get("/offline/", {"language": "../x"}).status_code == 200


def test_the_worker_lists_what_it_keeps_and_is_never_an_old_one(client: Client) -> None:
    answer = client.get("/service-worker.js", {"language": "en"})
    assert answer["Content-Type"].startswith("text/javascript")
    assert answer["Cache-Control"] == "no-cache"
    head = answer.content.decode().split("\n")[0]
    shelf = json.loads(head.removeprefix("self.SHELF = ").removesuffix(";"))
    assert shelf["page"] == "/offline/?language=en"
    for address in [shelf["page"], *shelf["files"]]:
        if not address.startswith("/static/"):
            assert client.get(address).status_code == 200
    assert client.get("/service-worker.js?language=junk").status_code == 200


def test_the_shelf_has_another_name_when_the_bank_looks_otherwise(
    client: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    from walletsite.shell import offline

    def name() -> str:
        offline._version.cache_clear()
        return client.get("/service-worker.js").content.decode().split('"')[3]

    first = name()
    assert name() == first
    monkeypatch.setattr(offline, "brand_css_version", lambda: "another")
    assert name() != first
    offline._version.cache_clear()
