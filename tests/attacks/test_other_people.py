"""Getting at what belongs to others, or at more than one's own rights (rows 19, 20, 25, 38, 39)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any
from uuid import uuid4

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from accounts.users.models import User
from payments.processing.models import Payment
from payments.wallets.models import Wallet
from tests.attacks.client import Answer, Browser
from tests.attacks.crawler import crawl
from tests.attacks.crowd import (
    SIGNED_IN,
    belongings_of,
    make_staff,
    payments_of,
    staff_browser,
)
from tests.attacks.walks import Site, authorise, compose, money_of, transfer_fields, try_password
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, fund, prove_the_books, wallet_with

_CHANGING = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|E-[0-9A-Z]{5}'
    r"|[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}"
)


def routes_with_an_id(patterns: Any = None, start: str = "/") -> Iterator[str]:
    """Every address of the site that names an object, with `{}` in its place."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = start + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            if not path.startswith("/admin/"):
                yield from routes_with_an_id(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and "<" in path and "?P<" not in path:
            # An amount in an address names nothing.
            yield re.sub(r"<[^>]*>", "{}", path.replace("<int:amount_minor>", "100"))


def said(answer: Answer, public_id: str) -> tuple[int, str, str]:
    """An answer without what differs from one request to the next."""
    return (
        answer.status,
        answer.location.replace(public_id, "*"),
        _CHANGING.sub("", answer.text.replace(public_id, "*")),
    )


def ask(browser: Browser, route: str, public_id: str, method: str) -> tuple[int, str, str]:
    path = route.format(public_id)
    if method == "GET":
        return said(browser.get(path), public_id)
    fields = {"payment_password": PAYMENT_PASSWORD, "code": "000000", "next": "/home/"}
    return said(browser.post(path, fields), public_id)


@pytest.mark.once
def test_whatever_belongs_to_another_answers_like_what_does_not_exist(
    site: Site, rich_alice: User, bob: User, mallory: User
) -> None:
    hers = belongings_of(site, rich_alice, bob)
    before = (Payment.objects.count(), money_of(rich_alice))
    routes = sorted(set(routes_with_an_id()))
    assert len(routes) >= 8
    for visitor in (site.signed_in(mallory), site.browser()):
        for route in routes:
            for method in ("GET", "POST"):
                nothing = ask(visitor, route, str(uuid4()), method)
                for public_id in hers.ids:
                    assert ask(visitor, route, public_id, method) == nothing, (method, route)
                assert nothing[0] in {302, 404, 405}
    for route in routes:
        for odd in ("1", "0", "-1", "%00", "..%2f1", "' or 1=1--", "a" * 300):
            path = route.format(odd.replace(" ", "%20"))
            assert hers.browser.get(path).status in {400, 404, 405}, path
    assert (Payment.objects.count(), money_of(rich_alice)) == before
    assert Payment.objects.get(public_id=hers.unpaid).state == "created"
    prove_the_books()


def test_the_payee_sees_the_record_and_nothing_that_is_the_payers(
    site: Site, rich_alice: User, bob: User
) -> None:
    hers, payee = belongings_of(site, rich_alice, bob), site.signed_in(bob)
    record = payee.get(f"/activity/{hers.payment}/")
    assert record.status == 200
    for secret in (str(rich_alice.phone), Wallet.objects.get(owner=rich_alice).number, "陈思远"):
        assert secret not in record.text
    for path in (f"/activity/{hers.unpaid}/", f"/activity/{hers.unpaid}/receipt/"):
        assert payee.get(path).status == 404
    for public_id in (hers.payment, hers.unpaid):
        for step in ("", "check/", "authorise/"):
            assert payee.get(f"/pay/{public_id}/{step}").status == 404
        for step in ("authorise/", "cancel/"):
            fields = {"payment_password": PAYMENT_PASSWORD}
            assert payee.post(f"/pay/{public_id}/{step}", fields).status == 404
    for name in ("change", "again", "pay"):
        for page in ("/transfer/", "/locked/payment/"):
            answer = payee.get(f"{page}?{name}={hers.unpaid}")
            assert str(bob.phone)[3:] not in answer.text
    assert Payment.objects.get(public_id=hers.unpaid).state == "created"
    prove_the_books()


def test_fields_that_no_form_has_change_nothing(site: Site, rich_alice: User, bob: User) -> None:
    browser = site.signed_in(rich_alice)
    belongings = belongings_of(site, rich_alice, bob)
    added = {
        "is_staff": "on", "is_superuser": "on", "is_active": "", "balance": "99999", "owner": "2",
        "wallet_class": "I", "tier": "I", "groups": "1", "user": str(bob.pk), "user_id": "2",
        "phone": "+8613900999999", "created_by": str(bob.pk), "payer_wallet": "2", "level": "card",
        "state": "succeeded", "assurance": "in_person", "kind": "merchant", "is_frozen": "on",
        "payment_password": "285037", "password": "x", "owner_id": "2", "public_id": str(uuid4()),
    }  # fmt: skip
    before = _facts(rich_alice)
    wallets = list(Wallet.objects.order_by("pk").values())
    for form in crawl(browser, SIGNED_IN).posts:
        if not re.search(r"sign-out|end|remove|cancel|freeze", form.action):
            browser.post(form.action, {**added, **form.fields})
    browser.post(f"/pay/{belongings.unpaid}/authorise/", {**added, "payment_password": "x"})
    assert _facts(rich_alice) == before
    assert list(Wallet.objects.order_by("pk").values()) == wallets
    prove_the_books()


def _facts(user: User) -> dict[str, Any]:
    may_change = {"locale", "theme", "hide_amounts", "last_login"}
    facts = User.objects.filter(pk=user.pk).values().get()
    return {name: value for name, value in facts.items() if name not in may_change}


def test_the_last_step_of_a_way_opened_or_posted_alone_leads_to_its_beginning(
    site: Site, rich_alice: User
) -> None:
    before = _facts(rich_alice)
    steps = {
        "/open/code/": {"code": "123456"},
        "/open/passwords/": {"payment_password": "285037", "login_password": "river bank 22"},
        "/open/code/send/": {},
        "/sign-in/verify/": {"code": "123456"},
        "/recover/login/code/": {"code": "123456"},
        "/recover/login/identity/": {"digits": "123456"},
        "/recover/login/password/": {"new": "river bank 22", "again": "river bank 22"},
    }
    for path, fields in steps.items():
        stranger = site.browser()
        assert stranger.post(path, fields).status in {302, 404, 405}, path
        assert stranger.get(path).status in {302, 404, 405}, path
        assert stranger.get("/home/").location.startswith("/sign-in/")
    browser = site.signed_in(rich_alice)
    behind = ["/security/two-factor/", "/security/two-factor/begin/", "/security/login-password/",
              "/security/two-factor/confirm/", "/security/two-factor/off/",
              "/security/two-factor/recovery-codes/"]  # fmt: skip
    for path in behind:
        new = {"old": LOGIN_PASSWORD, "new": "river bank 22", "again": "river bank 22"}
        for answer in (browser.get(path), browser.post(path, new)):
            assert answer.status == 405 or answer.location.startswith("/step-up/"), path
    new = {"payment_password": "285037", "payment_password_again": "285037"}
    for path in ("/recover/payment/new/", "/recover/payment/code/"):
        for answer in (browser.get(path), browser.post(path, {**new, "code": "123456"})):
            assert answer.location == "/recover/payment/", path
    assert _facts(rich_alice) == before


def test_staff_need_the_second_factor_at_every_door(site: Site, rich_alice: User) -> None:
    olivia, secret = make_staff(is_superuser=True)
    bare = User.objects.create_user(
        phone="+8613600132222", password=LOGIN_PASSWORD, is_staff=True, is_superuser=True
    )
    doors = ("/admin/", "/admin/login/", "/admin/accounts/user/", "/home/", "/step-up/")
    for person in (olivia, bare):
        browser = site.browser()
        try_password(browser, str(person.phone), LOGIN_PASSWORD)
        admin = {"username": str(person.phone), "password": LOGIN_PASSWORD, "next": "/admin/"}
        browser.post("/admin/login/", admin)
        for path in doors:
            answer = browser.get(path)
            assert answer.status in {302, 404} or "/sign-in/" in answer.text, path
            assert "site administration" not in answer.text.lower()
    customer = site.signed_in(rich_alice)
    for path in ("/admin/", "/admin/accounts/user/", "/admin/payments/payment/"):
        assert customer.get(path).status in {302, 403, 404}, path
    # No circle between the two doors for somebody who is signed in and has no right.
    assert customer.get("/admin/login/?next=/admin/").status == 404
    inside = staff_browser(site, olivia, secret)
    assert inside.get("/admin/").status == 200
    assert inside.post("/admin/password_change/").location == "/security/login-password/"
    thief = inside.copy()
    assert inside.post("/admin/logout/").location == "/sign-in/"
    assert thief.get("/admin/").status == 302


def test_nobody_edits_money_in_the_admin_not_even_the_administrator(
    site: Site, rich_alice: User, bob: User
) -> None:
    hers = belongings_of(site, rich_alice, bob)
    olivia, secret = make_staff(is_superuser=True)
    browser = staff_browser(site, olivia, secret)
    found = crawl(browser, ["/admin/"])
    books = re.compile(r"/admin/(ledger|payments)/")
    looked = 0
    for path, answer in found.pages.items():
        for secret_text in ("310101199003", "陈思远", LOGIN_PASSWORD, str(rich_alice.phone)):
            assert secret_text not in answer.text, (path, secret_text)
        if books.match(path):
            looked += 1
            assert "/add/" not in path
            assert not [form for form in answer.forms if 'name="_save"' in answer.text], path
    assert looked >= 5
    payment = Payment.objects.get(public_id=hers.payment)
    for path in (
        f"/admin/payments/payment/{payment.pk}/change/",
        f"/admin/payments/payment/{payment.pk}/delete/",
        "/admin/payments/payment/add/",
        "/admin/ledger/journalentry/add/",
        "/admin/ledger/ledgeraccount/1/change/",
        "/admin/ledger/ledgeraccount/1/delete/",
    ):
        answer = browser.post(path, {"state": "created", "amount_minor": "1", "post": "yes"})
        assert answer.status in {403, 404}, path
    payment.refresh_from_db()
    assert (payment.state, payment.amount_minor) == ("succeeded", 3_00)
    prove_the_books()


def test_a_customer_who_pays_with_anothers_form_is_told_nothing(
    site: Site, rich_alice: User, bob: User, mallory: User
) -> None:
    """The key of alice's form in mallory's hands makes mallory's own payment, or none."""
    fund(wallet_with(mallory), "5.00")
    fields = transfer_fields(bob, "2.00")
    first = site.signed_in(rich_alice).post("/transfer/", fields).location
    thief = site.signed_in(mallory)
    answer = thief.post("/transfer/", fields)
    assert answer.location != first
    if answer.status == 302:
        authorise(thief, answer.location.removesuffix("check/"))
    assert (payments_of(rich_alice), money_of(rich_alice)) == (1, 100_00)
    assert compose(thief, bob).startswith("/pay/")
    prove_the_books()
