"""The net under the pages of the suite does catch."""

from __future__ import annotations

import pytest
from django.contrib.auth.decorators import login_not_required
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect
from django.test import Client
from django.urls import path

from tests.planted import planted
from tests.secrets_in_pages import shown_secrets
from walletsite.urls import urlpatterns as site_urlpatterns

pytestmark = [pytest.mark.once, pytest.mark.urls(__name__)]
NUMBER, PHONE, PASSWORD = "310101199003071239", "13912345678", "a quiet river 27"
CARD = "6210990000000013"


@login_not_required
def show(request: HttpRequest) -> HttpResponse:
    """A page that gives away what it is told to."""
    return HttpResponse(f"<p>{request.META['HTTP_X_SHOW']}</p>")


@login_not_required
def send(request: HttpRequest) -> StreamingHttpResponse:
    """A file that is written while it is sent."""
    return StreamingHttpResponse([request.META["HTTP_X_SHOW"][:9], request.META["HTTP_X_SHOW"][9:]])


@login_not_required
def bake(request: HttpRequest) -> HttpResponse:
    """A cookie and an address that hold it."""
    answer = redirect(f"/sign-in/?phone={request.META['HTTP_X_SHOW']}")
    if "typed" in request.GET:
        answer = HttpResponse()
        answer.set_cookie("last", request.META["HTTP_X_SHOW"])
    return answer


@login_not_required
def fail(request: HttpRequest) -> HttpResponse:
    """An error whose words hold it."""
    raise ValueError(f"Key (phone)=({request.META['HTTP_X_SHOW']}) already exists")


urlpatterns = [
    path("show/", show),
    path("send/", send),
    path("bake/", bake),
    path("fail/", fail),
    *site_urlpatterns,
]


@pytest.fixture(autouse=True)
def cast(monkeypatch: pytest.MonkeyPatch) -> None:
    for kind, text in (
        ("ID number", NUMBER),
        ("phone", PHONE),
        ("login password", PASSWORD),
        ("card number", CARD),
    ):
        monkeypatch.setitem(planted, kind, {text})


def test_what_no_page_may_show_is_named_by_its_kind_only() -> None:
    assert shown_secrets(f"<td>{NUMBER}</td>", "") == ["ID number"]
    assert shown_secrets(f"+86{PHONE}", "") == ["phone"]
    assert shown_secrets(PASSWORD, PASSWORD) == ["login password"]
    assert shown_secrets(f"card {CARD}", "") == ["card number"]
    assert shown_secrets(f"card {CARD}", f"number={CARD}") == []
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


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["/send/", "/bake/", "/bake/?typed=1"])
def test_files_cookies_and_addresses_are_looked_at(
    client: Client, pages_show_no_secret: list[str], where: str
) -> None:
    answer = client.get(where, headers={"x-show": PHONE})
    assert answer.getvalue() is not None
    assert pages_show_no_secret == [f"phone on {where.partition('?')[0]}"]
    pages_show_no_secret.clear()


@pytest.mark.django_db
def test_the_page_of_an_error_does_not_quote_it(
    client: Client, pages_show_no_secret: list[str]
) -> None:
    client.raise_request_exception = False
    answer = client.get("/fail/", headers={"x-show": PHONE})
    assert answer.status_code == 500
    assert pages_show_no_secret == []
    assert "already exists" not in answer.content.decode()
