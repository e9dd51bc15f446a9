"""What no keyboard types: amounts, stored scripts, broken requests (rows 27, 28, 31, 33, 34)."""

from __future__ import annotations

import html
import time
from urllib.parse import quote

import pytest

from accounts.users.models import User
from payments.banking.tests.builders import link_card
from payments.processing.models import Payment
from tests.attacks.client import CSRF_FIELD, FORM, Browser
from tests.attacks.crawler import crawl
from tests.attacks.crowd import SIGNED_IN, make_staff, staff_browser
from tests.attacks.walks import Site, authorise, compose, money_of, transfer_fields
from tests.cast import LOGIN_PASSWORD, make_customer, prove_the_books, wallet_with

BAD_AMOUNTS = [
    "", " ", "-1", "-0.01", "0", "0.00", "0.001", "00", "1e3", "1E3", "1e400", "1e-2", "NaN", "nan",
    "sNaN", "-NaN", "Infinity", "-Infinity", "inf", "0x10", "0b1", "0o7", "9" * 400, "1" + "0" * 30,
    "99999999999999999999", "1\x00", "\x00", "1/2", "½", "①", "一百", "壹", "Ⅷ", "1.", ".5", "1..2",
    "1.2.3", "1,000", "1，00", "1 000", "1_0", "+1", "１２", "١٢", "१", "¥1", "1元", "$1", "12.345",
    "1;2", "1\n2", "1\u200b2", "1\u202e2", "--1", "(1)", "1%", "true", "null", "[]", "{}", "1'--",
    "${1}", "{{1}}", "=1+1", "0.0000001",
]  # fmt: skip

SCRIPT = "<script>alert(1)</script><b x='1'\">"


def test_no_text_that_is_not_an_amount_moves_money(
    site: Site, rich_alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("payments.transfers.services.hit", lambda **_: None)
    browser = site.signed_in(rich_alice)
    for amount in BAD_AMOUNTS:
        answer = browser.post("/transfer/", transfer_fields(bob, amount))
        assert answer.status == 422, amount
        assert "error" in answer.text.lower()
    assert Payment.objects.count() == 0
    for amount in (" 1.50 ", "1.5", "0.01", "01.00"):
        answer = browser.post("/transfer/", transfer_fields(bob, amount))
        if answer.status == 302:
            payment = Payment.objects.latest("pk")
            assert f"{payment.amount_minor / 100:.2f}" in browser.get(answer.location).text
    assert money_of(bob) == 0
    prove_the_books()


@pytest.mark.parametrize("path", ["/transfer/", "/top-up/", "/sign-in/", "/open/person/",
                                  "/recover/login/", "/verify/", "/cards/add/", "/step-up/",
                                  "/me/", "/security/payment-password/"])  # fmt: skip
def test_no_field_of_a_form_breaks_the_site(
    site: Site, rich_alice: User, bob: User, path: str
) -> None:
    link_card(rich_alice)
    browser = site.signed_in(rich_alice)
    browser.post("/step-up/", {"password": LOGIN_PASSWORD})
    visitor = (
        site.browser() if path in {"/sign-in/", "/open/person/", "/recover/login/"} else browser
    )
    page = visitor.get(path)
    names = {name for form in page.forms if form.method == "post" for name in form.fields}
    hostile = ["\x00", "a\x00b", "\ud800".encode("utf-8", "surrogatepass").decode("latin-1"), "x" * 9000,
               "\u202e\u200b\ufeff", "' or 1=1--", "%00%0a", "{{7*7}}", "🀄" * 500, "-1"]  # fmt: skip
    names -= {CSRF_FIELD}
    for text in hostile:
        answer = visitor.post(path, dict.fromkeys(names, text))
        assert answer.status in {302, 400, 403, 422, 429}, (path, text[:20])
    for name in sorted(names):
        pairs = [(name, "a"), (name, "b"), (f"{name}[]", "c"), (f"{name}[$ne]", "d")]
        assert visitor.post(path, pairs).status in {302, 400, 403, 422, 429}
    assert money_of(bob) == 0


@pytest.mark.parametrize("path", ["/activity/?q={}", "/activity/?after={}", "/activity/?since={}",
                                  "/activity/?kind={}", "/activity/?direction={}", "/locked/payment/?pay={}",
                                  "/transfer/?again={}", "/transfer/?change={}", "/sign-in/?next={}",
                                  "/verify/?reference={}", "/theme/brand.css?v={}", "/help/?{}"])  # fmt: skip
def test_no_query_breaks_the_site(site: Site, rich_alice: User, path: str) -> None:
    browser = site.signed_in(rich_alice)
    for text in ("\x01", "'", '"><script>alert(1)</script>', "%", "9" * 3000, "\u202e", "😀", "../..",
                 "2026-13-45", "0001-01-01", "9999-12-31", "-1", "a,b", "eyJ", "1e999"):  # fmt: skip
        answer = browser.get(path.format(quote(text)))
        assert answer.status in {200, 302, 400, 404, 414, 422}, (path, text)
        assert "<script>alert" not in answer.text
    for raw in ("%ff", "%c0%af", "%ed%a0%80", "%00", "%", "%zz"):
        assert browser.get(path.format(raw)).status in {200, 302, 400, 404, 422}, (path, raw)


def test_a_script_in_note_and_name_stays_text_for_payer_payee_and_staff(
    site: Site, rich_alice: User, bob: User
) -> None:
    browser = site.signed_in(rich_alice)
    note = SCRIPT[:38]
    payment = compose(browser, bob, "1.00", note=note)
    check = browser.get(f"{payment}check/").text
    assert html.escape(note) in check
    assert authorise(browser, payment).status == 302
    olivia, secret = make_staff(is_superuser=True)
    eyes = {
        "payer": crawl(browser, [*SIGNED_IN, f"{payment}check/", payment]),
        "payee": crawl(site.signed_in(bob), SIGNED_IN),
        "staff": crawl(staff_browser(site, olivia, secret), ["/admin/"]),
    }
    for who, found in eyes.items():
        for answer in found.pages.values():
            if answer.headers.get_content_type() == "text/csv":
                # A file is saved, not shown, whatever it holds.
                assert "attachment" in (answer.headers.get("Content-Disposition") or "")
                continue
            assert "<script>alert" not in answer.text, (who, answer.path)
    assert any(html.escape(note) in page.text for page in eyes["payee"].pages.values())
    typed = browser.post("/transfer/", transfer_fields(SCRIPT, SCRIPT, note=SCRIPT))
    assert typed.status == 422
    assert "<script>alert" not in typed.text
    for step in ("/open/person/", "/cards/add/"):
        fields = {"name": SCRIPT, "holder_name": SCRIPT, "number": SCRIPT, "phone": SCRIPT}
        visitor = site.browser() if step.startswith("/open") else browser
        assert "<script>alert" not in visitor.post(step, fields).text
    prove_the_books()


def test_text_that_cannot_be_seen_is_taken_out_and_names_cannot_pretend(
    site: Site, rich_alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    browser = site.signed_in(rich_alice)
    path = compose(browser, bob, note="abc\u202edef\u200b\u2066ghi\ufeff\x07")
    assert Payment.objects.get().note == "abcdefghi"
    assert "\u202e" not in browser.get(f"{path}check/").text
    assert browser.post("/transfer/", transfer_fields(bob, note="x" * 5000)).status == 422
    for name in ("客服", "官方客服", "\u202e远思陈", "Support", "陈\u200b思远", "<b>", "银行客服"):
        phone_only = make_customer(id_number="")
        wallet_with(phone_only)
        visitor = site.signed_in(phone_only)
        visitor.post("/step-up/", {"password": LOGIN_PASSWORD})
        fields = {"name": name, "id_number": "11010119900307803X"}
        answer = visitor.post("/me/identity/", fields)
        assert answer.status == 422, name


def test_broken_requests_get_an_answer_of_the_4xx_kind_within_seconds(
    site: Site, rich_alice: User
) -> None:
    browser = site.signed_in(rich_alice)
    token = browser.token()
    multi = "multipart/form-data; boundary="
    good = f"{CSRF_FIELD}={token}&payee=1&amount=1".encode()
    began = time.monotonic()
    for kind, body in [
        (FORM, b"payee=%ff%fe&amount=\xff\xfe\xed\xa0\x80"),
        (FORM, good + b"&note=%ff%c0%80%ed%a0%80"),
        (f"{FORM}; charset=utf-16", good.decode().encode("utf-16")),
        (f"{FORM}; charset=nonsense", good),
        (f"{FORM}; charset=utf-7", good),
        (multi, b"x"),
        (f"{multi}x", b"--x\r\nContent-Disposition: form-data; name="),
        (f"{multi}x", b"--x\r\nContent-Disposition: form-data; name=\"a\"; filename=\"\x00\"\r\n\r\n"),
        (f"{multi}x", b"--x\r\n" * 5000),
        (f"{multi}" + "y" * 500, b"--y"),
        (f"{multi}x", b"--x\r\nContent-Transfer-Encoding: base64\r\nContent-Disposition: form-data;"
                      b" name=\"a\"\r\n\r\n!!!\r\n--x--\r\n"),
        ("application/json", b"[" * 100_000),
        ("text/xml", b"<!DOCTYPE x [<!ENTITY a SYSTEM 'file:///etc/passwd'>]><x>&a;</x>"),
        ("", good),
        (FORM, b"a=1&" * 20_000 + good),
        (FORM, b"a=" + b"x" * (3 * 1024 * 1024 + 10)),
        (f"{multi}x", b"--x\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n"
                      + b"y" * (3 * 1024 * 1024 - 500) + b"\r\n--x--\r\n"),
    ]:  # fmt: skip
        for path in ("/transfer/", "/sign-in/", "/step-up/"):
            answer = _send(browser, path, body, kind)
            assert 400 <= answer < 500, (kind[:60], body[:40], path, answer)
    assert time.monotonic() - began < 60
    assert Payment.objects.count() == 0


def _send(browser: Browser, path: str, body: bytes, kind: str) -> int:
    try:
        return browser.send("POST", path, body, {"Content-Type": kind}).status
    except (BrokenPipeError, ConnectionResetError):
        # Refused while it was still being sent: nobody reads on.
        return 413


def test_a_header_of_seventy_thousand_bytes_is_refused(site: Site, rich_alice: User) -> None:
    browser = site.signed_in(rich_alice)
    for name in ("X-A", "Cookie", "Accept-Language", "Referer", "User-Agent"):
        try:
            assert 400 <= browser.get("/home/", **{name: "a" * 70_000}).status < 500
        except (BrokenPipeError, ConnectionResetError):
            continue
    many = {f"X-{number}": "a" for number in range(3000)}
    try:
        assert browser.get("/home/", **many).status in {200, 400, 431}
    except (BrokenPipeError, ConnectionResetError):
        pass
    for name, value in [("Accept-Language", "en," * 3000), ("Accept-Language", "x" * 9000),
                        ("User-Agent", "\x7f" * 3000), ("Referer", "http://[::1"), ("Range", "bytes=9-1"),
                        ("If-Modified-Since", "never"), ("Origin", "http://[::1")]:  # fmt: skip
        assert browser.get("/home/", **{name: value}).status in {200, 400}, name
