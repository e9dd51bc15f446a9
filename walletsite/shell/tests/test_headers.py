"""Every answer carries the same seal."""

from __future__ import annotations

import pytest
from django.test import Client

pytestmark = [pytest.mark.django_db, pytest.mark.urls("tests.browser.components")]

POLICY = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'",
    "font-src 'self'", "connect-src 'self'", "worker-src 'self'", "manifest-src 'self'",
    "form-action 'self'", "base-uri 'none'", "frame-ancestors 'none'",
}  # fmt: skip

ANSWERS = [
    ("/", 200), ("/help/", 200), ("/nothing/", 404), ("/?x=%00", 400), ("/test/broken/", 500),
    ("/test/throttled/", 429), ("/test/busy/", 503), ("/static/none.js", 404),
]  # fmt: skip


@pytest.fixture
def quiet(client: Client) -> Client:
    client.raise_request_exception = False
    return client


@pytest.mark.parametrize(("address", "status"), ANSWERS)
def test_every_answer_is_sealed(quiet: Client, address: str, status: int) -> None:
    answer = quiet.get(address)
    assert answer.status_code == status
    assert {part.strip() for part in answer["Content-Security-Policy"].split(";")} == POLICY
    assert answer["Cache-Control"] == "no-store"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["X-Frame-Options"] == "DENY"
    assert answer["Referrer-Policy"] == "same-origin"
    assert answer["Cross-Origin-Resource-Policy"] == "same-origin"
    assert answer["Cross-Origin-Opener-Policy"] == "same-origin"
    assert "camera=(self)" in answer["Permissions-Policy"]
    assert "publickey-credentials-get=(self)" in answer["Permissions-Policy"]
    assert "microphone=()" in answer["Permissions-Policy"]
    assert "Server" not in answer.headers


def test_the_bank_colours_are_kept_by_their_digest(client: Client) -> None:
    from walletsite.shell.theme import brand_css_version

    kept = client.get(f"/theme/brand.css?v={brand_css_version()}")
    assert "immutable" in kept["Cache-Control"]
    assert kept["Content-Type"].startswith("text/css")
    assert client.get("/theme/brand.css?v=old")["Cache-Control"] == "no-cache"
