"""Requests that no page of ours sends are turned away before anything reads them."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

pytestmark = pytest.mark.django_db

FORM = "application/x-www-form-urlencoded"


@pytest.mark.parametrize(
    "charset", ["utf-16", "UTF-7", '"utf-16"', "idna", "latin-1", "utf8", "nonsense"]
)
def test_a_form_in_a_foreign_charset_gets_the_designed_400(client: Client, charset: str) -> None:
    answer = client.generic("POST", "/help/", b"a=1", content_type=f"{FORM}; charset={charset}")
    assert answer.status_code == 400
    assert "E-" in answer.content.decode()
    assert "Content-Security-Policy" in answer.headers


@pytest.mark.parametrize("charset", ["utf-8", "UTF-8", '"utf-8"'])
def test_our_own_charset_passes(client: Client, charset: str) -> None:
    answer = client.post(
        "/preferences/language/", data=b"language=en", content_type=f"{FORM}; charset={charset}"
    )
    assert answer.status_code == 302


@pytest.mark.parametrize("address", ["/?a=%00", "/%00/", "/help/%00"])
def test_a_nul_byte_in_the_address_gets_400(client: Client, address: str) -> None:
    assert client.get(address).status_code == 400


@pytest.mark.parametrize("method", ["put", "delete", "patch", "trace"])
def test_only_the_methods_of_browsers_are_answered(client: Client, method: str) -> None:
    answer = getattr(client, method)("/")
    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]


@pytest.mark.parametrize("name", ["X-HTTP-Method-Override", "X-HTTP-Method", "X-Method-Override"])
def test_a_method_in_disguise_gets_400(client: Client, name: str) -> None:
    assert client.get("/", headers={name: "DELETE"}).status_code == 400


def test_an_endless_address_gets_414(client: Client) -> None:
    assert client.get("/?" + "a" * 5000).status_code == 414
    assert client.get("/" + "a" * 3000).status_code == 414


def test_a_foreign_host_gets_400_and_is_not_repeated(client: Client) -> None:
    answer = client.get("/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "evil" not in answer.content.decode()
    assert "E-" in answer.content.decode()


def test_a_foreign_host_is_refused_before_any_redirect(client: Client, settings: Any) -> None:
    settings.SECURE_SSL_REDIRECT = True
    answer = client.get("/help/", headers={"host": "evil.example"})
    assert answer.status_code == 400
    assert "Location" not in answer.headers
    assert "default-src 'none'" in answer.headers["Content-Security-Policy"]


def test_each_request_has_its_own_reference(client: Client) -> None:
    def reference() -> str:
        text = client.get("/nothing-here/").content.decode()
        return text[text.index("E-") :][:7]

    assert reference() != reference()
