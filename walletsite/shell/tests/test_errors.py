"""Error pages: designed, in both languages, with what happened to the money."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.urls("tests.browser.components")

PAGES = [
    ("/nothing/", 404), ("/?x=%00", 400), ("/test/broken/", 500), ("/test/throttled/", 429),
    ("/test/busy/", 503),
]  # fmt: skip


@pytest.fixture
def quiet(client: Client) -> Client:
    client.raise_request_exception = False
    return client


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["en", "zh-hans"])
@pytest.mark.parametrize(("address", "status"), PAGES)
def test_an_error_page_is_a_page_in_the_readers_language(
    quiet: Client, address: str, status: int, language: str
) -> None:
    quiet.cookies["wallet-language"] = language
    answer = quiet.get(address)
    html = answer.content.decode()
    assert answer.status_code == status
    assert_page_is_clean(html)
    assert f'lang="{"zh-Hans" if language == "zh-hans" else "en"}"' in html
    assert "E-" in html
    assert "<form" not in html


def test_the_500_page_needs_no_data_base(quiet: Client) -> None:
    # No django_db mark: any query would fail this test.
    from django.test import RequestFactory

    from walletsite.shell import views

    answer = views.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert_page_is_clean(answer.content.decode())


def test_a_500_page_that_breaks_itself_still_says_what_matters(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from django.test import RequestFactory

    from walletsite.shell import views

    def fail(*args: object) -> str:
        raise RuntimeError("no templates today")

    monkeypatch.setattr(views, "render_to_string", fail)
    answer = views.server_error(RequestFactory().get("/"))
    assert answer.status_code == 500
    assert "before paying again" in answer.content.decode()


@pytest.mark.django_db
def test_the_reference_on_the_page_is_in_the_log(
    quiet: Client, caplog: pytest.LogCaptureFixture
) -> None:
    html = quiet.get("/test/broken/").content.decode()
    reference = html[html.index("E-") :][:7]
    assert reference in caplog.text


@pytest.mark.django_db
def test_a_throttle_says_how_long_to_wait(quiet: Client) -> None:
    quiet.cookies["wallet-language"] = "en"
    answer = quiet.get("/test/throttled/")
    assert answer["Retry-After"] == "840"
    assert "14 minutes" in answer.content.decode()


@pytest.mark.django_db
def test_an_old_form_gets_the_designed_403() -> None:
    strict = Client(enforce_csrf_checks=True)
    strict.cookies["wallet-language"] = "en"
    answer = strict.post(reverse("shell:set_language"), {"language": "en"})
    assert answer.status_code == 403
    html = answer.content.decode()
    assert_page_is_clean(html)
    assert "too old" in html
    assert "no money was moved" in html


@pytest.mark.django_db
def test_the_page_of_patience_names_the_minute_in_the_readers_zone(
    quiet: Client, monkeypatch: pytest.MonkeyPatch
) -> None:
    noon = datetime(2026, 11, 23, 4, 0, 30, tzinfo=UTC)
    monkeypatch.setattr(timezone, "now", lambda: noon)
    quiet.cookies["wallet-language"] = "en"
    answer = quiet.get("/test/throttled/")
    seconds = int(answer["Retry-After"])
    free_at = timezone.localtime(noon + timedelta(seconds=seconds + 59))
    assert f"{free_at:%H:%M}" in answer.content.decode()
    assert free_at.hour == 12
