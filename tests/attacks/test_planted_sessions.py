"""A session given to somebody before a walk that needs no signing in (row 24): what they prove in
it opens nothing to whoever gave it, at no later step, nor to a copy made at the same moment."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import pytest

from accounts.cases.contact import contact_support
from accounts.changes.services import note_change
from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.signin.session_store import SessionStore
from accounts.users.models import User
from payments.wallets.selectors import get_wallet_for
from tests.attacks.client import SESSION_COOKIE, Browser
from tests.attacks.walks import Site
from tests.cast import (
    LOGIN_PASSWORD,
    PAYMENT_PASSWORD,
    make_id_number,
    make_phone,
    plant,
    read_code,
)

_NEW = "attackers own river 9"
_REPLY = {"body": "Please send it to me.", "form_key": str(uuid4())}
Typed = dict[str, str]


@dataclass(frozen=True)
class Walk:
    """Where it begins, what its owner proves, and what only they may ask for afterwards; `begin`
    makes what the first form sends."""

    start: str
    begin: Callable[[User], Typed]
    proofs: list[tuple[str, Callable[[User], Typed]]]
    looks: list[str]
    acts: list[tuple[str, Typed]]


def _code(user: User) -> Typed:
    return {"code": read_code(str(user.phone))}


def _digits(user: User) -> Typed:
    return {"digits": decrypt(Identity.objects.get(user=user).id_number_encrypted)[-6:]}


def _change_of(user: User) -> Typed:
    change = note_change(user=user, kind="two_factor.on")
    return {"number": change.number, "phone": str(user.phone)}


def _case_of(user: User) -> Typed:
    case = contact_support(
        phone=str(user.phone), topic="other", subject="A question", body="Where is my money?",
        form_key=uuid4(), address="",
    )  # fmt: skip
    return {"number": case.number, "phone": str(user.phone)}


def _phone_of(user: User) -> Typed:
    return {"phone": str(user.phone)}


WALKS = {
    "recovery": Walk(
        "/recover/login/", _phone_of,
        [("/recover/login/code/", _code), ("/recover/login/identity/", _digits)],
        ["/recover/login/password/"],
        [("/recover/login/identity/", {"digits": "000000"}),
         ("/recover/login/password/", {"new": _NEW, "again": _NEW})],
    ),
    "not me": Walk(
        "/not-me/", _change_of, [("/not-me/code/", _code)], ["/not-me/act/"],
        [("/not-me/undo/", {}), ("/not-me/stop/", {})],
    ),
    "case": Walk(
        "/support/contact/read/", _case_of, [("/support/contact/code/", _code)],
        ["/support/contact/case/"],
        [("/support/contact/case/reply/", _REPLY), ("/support/contact/case/close/", {})],
    ),
    "number": Walk("/number/", _phone_of, [("/number/code/", _code)], ["/number/state/"], []),
}  # fmt: skip


def planted(site: Site) -> Browser:
    """A browser of the attacker's with a session that has begun."""
    thief = site.browser()
    assert thief.post("/recover/login/", {"phone": "13999990000"}).status == 302
    assert thief.cookies[SESSION_COOKIE]
    return thief


def data_of(browser: Browser) -> dict[str, Any]:
    return dict(SessionStore(browser.cookies[SESSION_COOKIE]).load())


def copy_with(site: Site, data: dict[str, Any]) -> Browser:
    """A browser whose request had read this session before its key was renewed, and renewed it
    for itself: what a sign-in of the attacker's own does at that moment."""
    store = SessionStore()
    store.update(data)
    store.save()
    browser = site.browser()
    browser.cookies[SESSION_COOKIE] = str(store.session_key)
    return browser


@pytest.mark.parametrize("walk", WALKS.values(), ids=WALKS)
def test_what_is_proved_in_a_session_that_was_given_opens_nothing_to_the_giver(
    site: Site, rich_alice: User, walk: Walk
) -> None:
    thief = planted(site)
    victim = thief.copy()
    assert victim.post(walk.start, walk.begin(rich_alice)).status == 302
    data, kept = data_of(victim), [thief]
    for path, typed in walk.proofs:
        kept.append(victim.copy())
        assert victim.post(path, typed(rich_alice)).status == 302, path
        assert victim.cookies[SESSION_COOKIE] != kept[-1].cookies[SESSION_COOKIE], path
        for number, each in enumerate([*kept, copy_with(site, data)]):
            for act, fields in walk.acts:
                assert each.post(act, fields).location == walk.start, (path, act, number)
            for page in walk.looks:
                assert each.get(page).location == walk.start, (path, number)
    for page in walk.looks:
        assert victim.get(page).status == 200
    rich_alice.refresh_from_db()
    assert rich_alice.check_password(LOGIN_PASSWORD)
    assert not get_wallet_for(rich_alice).is_frozen


def test_opening_a_wallet_in_a_session_that_was_given_shows_the_giver_nothing(site: Site) -> None:
    thief = planted(site)
    victim, phone, number = thief.copy(), make_phone(), make_id_number()
    plant("name", "陈思远")
    person = {"name": "陈思远", "id_number": number, "phone": phone, "agree": "on"}
    kept = [thief]
    for path, typed in (
        ("/open/person/", lambda: person),
        ("/open/passwords/", lambda: {
            "payment_password": PAYMENT_PASSWORD, "payment_password_again": PAYMENT_PASSWORD,
            "login_password": LOGIN_PASSWORD,
        }),
        ("/open/code/", lambda: {"code": read_code(phone)}),
    ):  # fmt: skip
        answer = victim.post(path, typed())
        assert answer.status == 302, (path, answer.text)
        for each in kept:
            assert "陈思远" not in each.get("/open/person/").text
            assert each.get("/open/code/").location == "/open/"
            assert each.get("/home/").location.startswith("/sign-in/")
        kept.append(victim.copy()) if path == "/open/passwords/" else None
    assert victim.get("/opened/").status == 200
    assert kept[-1].get("/home/").location.startswith("/sign-in/")


def test_a_code_is_good_in_its_own_browser_whatever_else_was_proved_there(
    site: Site, rich_alice: User
) -> None:
    """Two walks in two tabs: the proof of one leaves the code of the other good."""
    browser, walks = site.browser(), (WALKS["not me"], WALKS["number"])
    for walk in walks:
        browser.post(walk.start, walk.begin(rich_alice))
    # The newest text belongs to the second walk.
    assert browser.post("/number/code/", _code(rich_alice)).location == "/number/state/"
    assert browser.get("/not-me/code/").status == 200
    assert browser.get("/number/state/").status == 200
