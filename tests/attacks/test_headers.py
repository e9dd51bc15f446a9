"""What every answer carries, and what it must not give away (rows 23, 26, 35, 36)."""

from __future__ import annotations

import re

import pytest

from accounts.users.models import User
from tests.attacks.client import Answer
from tests.attacks.crawler import crawl
from tests.attacks.crowd import SIGNED_IN, STRANGER, belongings_of, make_staff, staff_browser
from tests.attacks.walks import Site
from tests.platform.wire import Wire

pytestmark = pytest.mark.once

_INLINE = re.compile(rb"<script(?![^>]*\bsrc=)|<[^>]+\son\w+\s*=|<[^>]+\sstyle\s*=|javascript:")
_BANNER = re.compile(rb"django|waitress|gunicorn|python/|traceback|sqlite|psycopg", re.IGNORECASE)


def assert_sealed(answer: Answer) -> None:
    """The full set of headers."""
    headers = answer.headers
    policy = headers["Content-Security-Policy"]
    assert policy, answer.path
    for part in ("default-src 'none'", "script-src 'self'", "frame-ancestors 'none'",
                 "base-uri 'none'", "form-action 'self'"):  # fmt: skip
        assert part in policy, answer.path
    assert "unsafe" not in policy and "*" not in policy
    assert headers["X-Content-Type-Options"] == "nosniff", answer.path
    assert headers["X-Frame-Options"] == "DENY", answer.path
    assert headers["Referrer-Policy"] == "same-origin", answer.path
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin", answer.path
    assert headers["Cross-Origin-Resource-Policy"] == "same-origin", answer.path
    assert headers["Permissions-Policy"], answer.path
    for name in ("Server", "X-Powered-By", "Via", "Access-Control-Allow-Origin"):
        assert headers[name] is None, answer.path
    kept = ("/static/", "/theme/", "/manifest.webmanifest")
    if not answer.path.startswith(kept):
        assert "no-store" in headers["Cache-Control"], answer.path
    kept_cookies = [x for x in headers.get_all("Set-Cookie") or [] if "Max-Age=0" not in x]
    for line in kept_cookies:
        assert "HttpOnly" in line and "SameSite=Lax" in line and "Path=/" in line, line


def test_every_page_of_a_stranger_is_sealed(site: Site, rich_alice: User) -> None:
    browser = site.browser()
    found = crawl(browser, [*STRANGER, "/healthz", "/favicon.ico", "/admin/", "/static/none.js"])
    assert len(found.pages) > 20
    assert any(path.startswith("/static/") for path in found.pages)
    for answer in found.pages.values():
        assert_sealed(answer)
        if "html" in (answer.headers["Content-Type"] or ""):
            assert not _INLINE.search(answer.body), answer.path
            assert not _BANNER.search(answer.body), answer.path
    assert not browser.cookies.keys() - {"wallet", "wallet-csrf", "wallet-language"}


def test_every_page_of_a_customer_is_sealed(site: Site, rich_alice: User, bob: User) -> None:
    hers = belongings_of(site, rich_alice, bob)
    starts = [*SIGNED_IN, f"/pay/{hers.unpaid}/check/", f"/cards/add/{hers.draft}/"]
    found = crawl(hers.browser, starts)
    assert len(found.pages) > 30
    for answer in found.pages.values():
        assert_sealed(answer)
        assert answer.status in {200, 302}, answer.path
        if "html" in (answer.headers["Content-Type"] or ""):
            assert not _INLINE.search(answer.body), answer.path


def test_every_page_of_the_admin_is_sealed(site: Site, rich_alice: User, bob: User) -> None:
    belongings_of(site, rich_alice, bob)
    olivia, secret = make_staff(is_superuser=True)
    found = crawl(staff_browser(site, olivia, secret), ["/admin/"])
    assert len(found.pages) > 15
    for answer in found.pages.values():
        assert_sealed(answer)
        assert answer.status < 400 or answer.status == 404, answer.path


def test_errors_are_sealed_and_say_nothing_of_the_inside(site: Site, rich_alice: User) -> None:
    browser = site.signed_in(rich_alice)
    answers = [
        browser.get("/no/such/page/<script>alert(1)</script>".replace("<", "%3C")),
        browser.get("/pay/00000000-0000-4000-8000-000000000000/"),
        browser.get("/?a=%00"),
        browser.get("/" + "a" * 3000),
        browser.send("TRACE", "/"),
        browser.send("DELETE", "/home/"),
        browser.send("PROPFIND", "/"),
        browser.post_bare("/transfer/", {"amount": "1"}),
        browser.get("/sign-out/"),
        browser.post("/transfer/", {"amount": "x"}),
        browser.send("POST", "/transfer/", b"x", {"Content-Type": "text/plain; charset=utf-16"}),
        browser.get("/", Host="evil.example"),
        browser.get("/", **{"X-HTTP-Method-Override": "POST"}),
    ]
    for answer in answers:
        assert 400 <= answer.status < 500, answer.path
        assert_sealed(answer)
        assert not _BANNER.search(answer.body), answer.path
        assert b"alert(1)" not in answer.body


def test_foreign_hosts_are_refused_and_never_repeated(site: Site, rich_alice: User) -> None:
    browser = site.signed_in(rich_alice)
    for host in ("evil.example", "127.0.0.1.evil.example", "evil.example:80", "127.0.0.1@evil.example",
                 "evil.example#", "a" * 500, "[::1", "127.0.0.1, evil.example"):  # fmt: skip
        answer = browser.get("/sign-in/", Host=host)
        assert answer.status == 400, host
        assert "evil" not in answer.text + answer.location
    forged = {
        "X-Forwarded-Host": "evil.example", "X-Host": "evil.example", "X-Forwarded-Proto": "https",
        "X-Original-URL": "/admin/", "X-Rewrite-URL": "/admin/", "Forwarded": "host=evil.example",
        "X-Forwarded-Server": "evil.example", "X-Forwarded-Port": "1", "X-Forwarded-Prefix": "/evil",
    }  # fmt: skip
    for path in ("/", "/home/", "/help", "/verify/", "/sign-in/", "/nothing/"):
        plain, answer = browser.get(path), browser.get(path, **forged)
        assert (answer.status, answer.location) == (plain.status, plain.location)
        assert "evil" not in answer.text


def test_lengths_said_twice_get_one_answer_and_smuggle_nothing(site: Site) -> None:
    wire = Wire(site.port)
    hidden = b"0\r\n\r\nGET /healthz HTTP/1.1\r\nHost: x\r\n\r\n"
    length = b"Content-Length: %d" % len(hidden)
    chunked = b"Transfer-Encoding: chunked"
    for head in ([length, chunked], [chunked, b"Content-Length: 4"], [length, b"Content-Length: 0"],
                 [b"Transfer-Encoding: xchunked", length], [b"Content-Length: +4"]):  # fmt: skip
        for method in (b"POST", b"GET"):
            said = wire.statuses(method + b" /healthz HTTP/1.1", *head, body=hidden, seconds=1)
            assert len(said) == 1 and 400 <= said[0] < 502, head
    for line in (b"TRACE / HTTP/1.1", b"CONNECT evil:80 HTTP/1.1", b"TRACK / HTTP/1.1"):
        assert wire.statuses(line, b"Connection: close") in ([405], [400], [404])
    for head in ([length, chunked], [b"X: " + b"a" * 70_000], [b"Content-Length: 99999999"]):
        said = wire.say(b"POST / HTTP/1.1", *head, body=b"x", seconds=1)
        assert not _BANNER.search(said), said


@pytest.mark.parametrize(
    "path",
    ["/.git/config", "/.git/HEAD", "/.env", "/db.sqlite3", "/var/data/wallet.sqlite3", "/keys/",
     "/static/../var/keys/payment_password", "/static/..%2f..%2fmanage.py", "/static/%2e%2e/manage.py",
     "/static/....//manage.py", "/static//etc/passwd", "/%2e%2e/%2e%2e/etc/passwd", "/__debug__/",
     "/server-status", "/metrics", "/media/../manage.py", "/walletsite/settings.py", "/manage.py",
     "/static/wallet/", "/static/", "/demo/inbox/", "/..;/admin/", "/admin/..;/", "/api/", "/swagger/"],
)  # fmt: skip
def test_nothing_of_the_inside_is_given_out(site: Site, path: str) -> None:
    said = Wire(site.port).say(b"GET " + path.encode() + b" HTTP/1.1", b"Connection: close")
    assert re.match(rb"HTTP/1\.1 (302|400|404|301)", said), said[:80]
    for word in (b"SECRET", b"root:", b"[core]", b"SQLite format", b"DJANGO_", b"urlpatterns"):
        assert word not in said
    if said.startswith(b"HTTP/1.1 302"):
        assert b"Location: /sign-in/" in said or b"Location: /admin/login" in said
