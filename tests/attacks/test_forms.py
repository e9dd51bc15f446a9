"""Forms sent from elsewhere, and doors that lead elsewhere (rows 21, 22)."""

from __future__ import annotations

from typing import Any
from urllib.parse import quote, urlencode, urljoin, urlsplit

import pytest
from django.apps import apps

from accounts.factors.services import renew_recovery_codes
from accounts.users.models import User
from tests.attacks.client import CSRF_FIELD, Browser, Form
from tests.attacks.crawler import Harvest, crawl, shape_of
from tests.attacks.crowd import SIGNED_IN, STRANGER, belongings_of
from tests.attacks.walks import Site, try_password
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, prove_the_books

# What looking at a page may write: sessions, and counters of asking.
_WRITTEN_BY_LOOKING = {"session", "usersession", "throttlewindow", "throttlehit", "throttle"}

REDIRECTS = [
    "https://evil.example", "http://evil.example", "//evil.example", "///evil.example",
    "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example", "/\\/evil.example",
    "https:evil.example", "https:/evil.example", "http:///evil.example", "javascript:alert(1)",
    "data:text/html,x", "//evil.example/%2e%2e", "/%09/evil.example", "/\t/evil.example",
    "\t//evil.example", " //evil.example", "\x00//evil.example", "/\r\nSet-Cookie: a=b",
    "/home/\r\nLocation: https://evil.example", "%0d%0aLocation:%20https://evil.example",
    "https://127.0.0.1@evil.example", "https://127.0.0.1.evil.example", "//127.0.0.1@evil.example",
    "https://evil.example#127.0.0.1", "//evil。example", "/．．//evil.example", "//\u202eevil.example",
    "http://127.0.0.1:1/", "ftp://evil.example", "?next=//evil.example", "evil.example",
]  # fmt: skip


def everything() -> dict[str, list[tuple[Any, ...]]]:
    """All rows of all tables, but for those that any visit writes."""
    found = {}
    for model in apps.get_models():
        if model._meta.model_name not in _WRITTEN_BY_LOOKING:
            found[model._meta.label] = sorted(model._base_manager.values_list(), key=repr)
    return found


def filled(form: Form) -> dict[str, str]:
    """What would be accepted, or nearly, had it come from the page."""
    fields = {name: value for name, value in form.fields.items() if name != CSRF_FIELD}
    if "payment_password" in fields:
        fields["payment_password"] = PAYMENT_PASSWORD
    if "password" in fields:
        fields |= {"password": LOGIN_PASSWORD, "phone": "13800136027"}
    return fields


def attack_forms(browser: Browser, found: Harvest, foreign_token: str) -> None:
    """Each form without a token, with another's, from another site, and as an address."""
    token = browser.token()
    bad_origin = ("https://evil.example", "null", "http://127.0.0.1", "http://localhost:1")
    for form in found.posts:
        path, fields = form.action, filled(form)
        mine = {**fields, CSRF_FIELD: token}
        answers = [
            browser.post_bare(path, fields),
            browser.post_bare(path, {**fields, CSRF_FIELD: foreign_token}),
            browser.post_bare(path, {**fields, CSRF_FIELD: ""}),
            browser.post_bare(f"{path}?{urlencode(mine)}", fields),
            *[browser.post_bare(path, mine, Origin=origin) for origin in bad_origin],
        ]
        assert {answer.status for answer in answers} == {403}, path
        mirror = {"Content-Type": "text/plain", "X-CSRFToken": "a" * 32}
        assert browser.send("POST", path, urlencode(mine).encode(), mirror).status == 403, path
        assert browser.get(f"{path}?{urlencode(mine)}").status in {200, 302, 405, 422}, path


def test_no_form_of_a_customer_works_from_elsewhere(
    site: Site, rich_alice: User, bob: User, mallory: User
) -> None:
    hers = belongings_of(site, rich_alice, bob)
    starts = [
        *SIGNED_IN, f"/pay/{hers.unpaid}/check/", f"/pay/{hers.unpaid}/authorise/",
        f"/pay/{hers.unpaid}/", f"/cards/{hers.card}/remove/", f"/cards/add/{hers.draft}/",
    ]  # fmt: skip
    plain = crawl(hers.browser, starts)
    code = renew_recovery_codes(user=rich_alice)[0]
    proof = {"password": LOGIN_PASSWORD, "code": code, "next": "/security/"}
    assert hers.browser.post("/step-up/", proof).location == "/security/"
    found = crawl(hers.browser, starts)
    found.forms.update(plain.forms)
    shapes = {shape_of(form.action) for form in found.posts}
    assert {"/transfer/", "/pay/*/authorise/", "/pay/*/cancel/", "/cards/*/remove/"} <= shapes
    assert {"/security/login-password/", "/security/two-factor/begin/", "/sign-out/"} <= shapes
    thief = site.signed_in(mallory)
    before = everything()
    attack_forms(hers.browser, found, thief.token())
    assert everything() == before
    assert hers.browser.get("/home/").status == 200
    prove_the_books()


def test_no_form_of_a_stranger_works_from_elsewhere_not_even_the_door(
    site: Site, rich_alice: User
) -> None:
    browser, other = site.browser(), site.browser()
    found = crawl(browser, STRANGER)
    shapes = {shape_of(form.action) for form in found.posts}
    assert {"/sign-in/", "/open/person/", "/recover/login/", "/preferences/language/"} <= shapes
    before = everything()
    attack_forms(browser, found, other.token())
    # A browser that was never here has no cookie to compare with.
    for form in found.posts:
        fresh = site.browser()
        fields = {**filled(form), CSRF_FIELD: "a" * 32}
        assert fresh.post_bare(form.action, fields).status == 403
    assert everything() == before
    assert browser.get("/home/").status == 302


@pytest.mark.once
@pytest.mark.parametrize("payload", REDIRECTS)
def test_no_way_leads_off_this_host(site: Site, rich_alice: User, payload: str) -> None:
    encoded = quote(payload)
    browser = site.browser()
    door = {"phone": str(rich_alice.phone), "password": LOGIN_PASSWORD, "next": payload}
    answers = [
        browser.get(f"/sign-in/?next={encoded}"),
        browser.post(f"/sign-in/?next={encoded}", door),
        browser.post("/step-up/", {"password": LOGIN_PASSWORD, "next": payload}),
        browser.get(f"/sign-in/?next={encoded}"),
        browser.get(f"/step-up/?next={encoded}"),
        browser.get(f"/admin/login/?next={encoded}"),
        *[
            browser.post(path, {"next": payload, "language": "en", "theme": "", "hide": "no"})
            for path in (
                "/preferences/language/", "/preferences/theme/", "/preferences/amounts/",
                "/codes/00000000-0000-4000-8000-000000000000/resend/",
            )
        ],
        browser.get(f"/home/{encoded}"),
        browser.post("/sign-out/", {"next": payload}),
    ]  # fmt: skip
    here = f"http://127.0.0.1:{site.port}/"
    for answer in answers:
        assert "\\" not in answer.location and answer.location.isprintable(), answer.path
        for target in (answer.location, *[form.action for form in answer.forms]):
            parts = urlsplit(urljoin(here, target))
            assert (parts.scheme, parts.port) == ("http", site.port), (answer.path, target)
        assert "a=b" not in str(answer.headers.get_all("Set-Cookie"))
        assert 'href="javascript:' not in answer.text


def test_signing_in_from_a_strange_page_does_not_replace_who_is_signed_in(
    site: Site, rich_alice: User, mallory: User
) -> None:
    """Sign-in CSRF: alice must not type her card into mallory's account."""
    browser = site.signed_in(rich_alice)
    before = dict(browser.cookies)
    fields = {"phone": str(mallory.phone), "password": LOGIN_PASSWORD}
    assert browser.post_bare("/sign-in/", fields, Origin="https://evil.example").status == 403
    assert browser.cookies == before
    assert try_password(site.browser(), str(mallory.phone), LOGIN_PASSWORD).status == 302
