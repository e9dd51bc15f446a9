"""Language, theme and hidden amounts: the person's choice first, then the browser's."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

import pytest
from django.test import Client, RequestFactory

from walletsite.shell.middleware import read_preferences

pytestmark = pytest.mark.django_db


def _request(cookies: dict[str, str] | None = None, accept: str = "", **person: Any) -> Any:
    request = RequestFactory().get("/", headers={"accept-language": accept})
    request.COOKIES.update(cookies or {})
    defaults = {"is_authenticated": bool(person), "locale": "", "theme": "", "hide_amounts": False}
    request.user = SimpleNamespace(**{**defaults, **person})  # type: ignore[assignment]
    return request


def test_a_visitor_gets_the_language_of_the_cookie_then_of_the_browser() -> None:
    assert read_preferences(_request({"wallet-language": "en"}, "zh-CN")).language == "en"
    assert read_preferences(_request(accept="en-GB,en;q=0.9")).language == "en"
    assert read_preferences(_request(accept="zh-CN,zh;q=0.9")).language == "zh-hans"
    assert read_preferences(_request({"wallet-language": "../etc"})).language == "zh-hans"


def test_a_person_gets_what_they_chose() -> None:
    chosen = read_preferences(
        _request({"wallet-language": "zh-hans", "wallet-theme": "light"},
                 locale="en", theme="dark", hide_amounts=True)
    )  # fmt: skip
    assert (chosen.language, chosen.theme, chosen.hide_amounts) == ("en", "dark", True)


def test_an_unknown_theme_in_the_cookie_is_dropped() -> None:
    assert read_preferences(_request({"wallet-theme": '"><script>'})).theme == ""


def test_choosing_a_language_stays_on_the_page(client: Client) -> None:
    answer = client.post("/preferences/language/", {"language": "en", "next": "/help/?a=1"})
    assert answer.status_code == 302
    assert answer["Location"] == "/help/?a=1"
    assert 'lang="en"' in client.get("/help/").content.decode()


@pytest.mark.parametrize(
    "target",
    ["//evil.example", "https://evil.example/", "javascript:alert(1)", "/\\evil.example", "", "x",
     "http:///evil.example", "\t//evil.example", "/\t/evil.example"],
)  # fmt: skip
def test_the_way_back_never_leaves_the_site(client: Client, target: str) -> None:
    answer = client.post("/preferences/language/", {"language": "en", "next": target})
    assert answer["Location"] == "/"


def test_preferences_are_not_changed_by_looking(client: Client) -> None:
    assert client.get("/preferences/language/?language=en").status_code == 405
    assert client.get("/preferences/theme/?theme=dark").status_code == 405


def test_a_theme_is_rendered_on_the_page(client: Client) -> None:
    client.post("/preferences/theme/", {"theme": "dark", "next": "/help/"})
    assert 'data-theme="dark"' in client.get("/help/").content.decode()
    client.post("/preferences/theme/", {"theme": "purple", "next": "/help/"})
    assert 'data-theme="dark"' in client.get("/help/").content.decode()
    client.post("/preferences/theme/", {"theme": "", "next": "/help/"})
    assert "data-theme" not in client.get("/help/").content.decode()


def test_a_signed_in_person_keeps_the_choice_with_them(client: Client, alice: Any) -> None:
    client.force_login(alice)
    client.post("/preferences/language/", {"language": "en", "next": "/help/"})
    client.post("/preferences/theme/", {"theme": "dark", "next": "/help/"})
    answer = client.post("/preferences/amounts/", {"hide": "yes", "next": "/help/"})
    assert answer["Location"] == "/help/"
    alice.refresh_from_db()
    assert (alice.locale, alice.theme, alice.hide_amounts) == ("en", "dark", True)
    client.post("/preferences/amounts/", {"hide": "no", "next": "/help/"})
    alice.refresh_from_db()
    assert alice.hide_amounts is False


def test_a_visitor_has_no_amounts_to_hide(client: Client) -> None:
    answer = client.post("/preferences/amounts/", {"hide": "yes"})
    assert answer["Location"].startswith("/sign-in/")
