"""The net under the pages of the suite does catch."""

from __future__ import annotations

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse
from django.test import Client
from django.urls import path

from tests.planted import planted
from tests.secrets_in_pages import shown_secrets
from walletsite.urls import urlpatterns as site_urlpatterns

pytestmark = [pytest.mark.once, pytest.mark.urls(__name__)]
NUMBER, PHONE, PASSWORD = "310101199003071239", "13912345678", "a quiet river 27"


@login_not_required
def show(request: HttpRequest) -> HttpResponse:
    """A page that gives away what it is told to."""
    return HttpResponse(f"<p>{request.META['HTTP_X_SHOW']}</p>")


urlpatterns = [path("show/", show), *site_urlpatterns]


@pytest.fixture(autouse=True)
def cast(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, text in (("ID number", NUMBER), ("phone", PHONE), ("login password", PASSWORD)):
        monkeypatch.setitem(planted, kind, {text})


def test_what_no_page_may_show_is_named_by_its_kind_only() -> None:
    assert shown_secrets(f"<td>{NUMBER}</td>", "") == ["ID number"]
    assert shown_secrets(f"+86{PHONE}", "") == ["phone"]
    assert shown_secrets(PASSWORD, PASSWORD) == ["login password"]
    assert shown_secrets(f"{NUMBER} {PHONE}", f"{PHONE}&{NUMBER}") == []
    assert shown_secrets(f"1{NUMBER}0 {PHONE}55", "") == []


@pytest.mark.django_db
def test_an_answer_of_the_test_client_is_looked_at(
    client: Client, pages_show_no_secret: list[str]
) -> None:
    for typed, shown in (("", NUMBER), ("", "nothing"), (NUMBER, NUMBER)):
        client.get("/show/", {"typed": typed}, headers={"x-show": shown})
    assert pages_show_no_secret == ["ID number on /show/"]
    pages_show_no_secret.clear()
