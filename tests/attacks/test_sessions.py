"""Fixing, keeping and stealing sessions (rows 18, 24)."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from http.cookies import SimpleCookie

import pytest

from accounts.factors.services import enrol_authenticator, renew_recovery_codes
from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.users.models import User
from payments.banking.tests.builders import card_number
from tests.attacks.client import SESSION_COOKIE, Browser
from tests.attacks.walks import Site, authorise, compose, money_of, try_password
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    prove_the_books,
    read_code,
)

# One proof: where it is sent, and what is typed.
Proof = tuple[str, dict[str, str]]

_NEW = "paper lantern 58"
_OTHER_PHONE = "+8613900139123"


def is_in(browser: Browser) -> bool:
    """Whether this browser sees the balance."""
    return browser.get("/home/").status == 200


def test_a_session_given_to_the_victim_is_worth_nothing_after_signing_in(
    site: Site, rich_alice: User
) -> None:
    thief = site.browser()
    thief.post("/recover/login/", {"phone": "13999990000"})
    given = thief.cookies[SESSION_COOKIE]
    victim = thief.copy()
    assert try_password(victim, str(rich_alice.phone), LOGIN_PASSWORD).status == 302
    assert victim.cookies[SESSION_COOKIE] != given
    assert is_in(victim)
    assert not is_in(thief)
    for chosen in ("a" * 32, "0" * 32):
        victim = site.browser()
        victim.cookies[SESSION_COOKIE] = chosen
        try_password(victim, str(rich_alice.phone), LOGIN_PASSWORD)
        assert victim.cookies[SESSION_COOKIE] != chosen


def test_every_sign_in_and_every_proof_gives_a_new_value(site: Site, rich_alice: User) -> None:
    browser = site.signed_in(rich_alice)
    values = [browser.cookies[SESSION_COOKIE]]
    for path, fields in (
        ("/sign-in/", {"phone": str(rich_alice.phone), "password": LOGIN_PASSWORD}),
        ("/step-up/", {"password": LOGIN_PASSWORD}),
    ):
        old = browser.copy()
        assert browser.post(path, fields).status == 302
        values.append(browser.cookies[SESSION_COOKIE])
        assert not is_in(old), path
    assert len(set(values)) == len(values)


def _digits(user: User) -> str:
    return decrypt(Identity.objects.get(user=user).id_number_encrypted)[-6:]


def _code(user: User) -> dict[str, str]:
    return {"code": read_code(str(user.phone))}


def _twice(new: str = OTHER_PAYMENT_PASSWORD) -> dict[str, str]:
    return {"payment_password": new, "payment_password_again": new}


def _step_up(browser: Browser, user: User) -> Iterator[Proof]:
    yield "/step-up/", {"password": LOGIN_PASSWORD}


def _step_up_with_a_code(browser: Browser, user: User) -> Iterator[Proof]:
    enrol_authenticator(user=user)
    yield "/step-up/", {"password": LOGIN_PASSWORD, "code": renew_recovery_codes(user=user)[0]}


def _cover(browser: Browser, user: User) -> Iterator[Proof]:
    for typed in (
        {"payment_password": PAYMENT_PASSWORD},
        {"password": LOGIN_PASSWORD, "by": "login"},
    ):
        browser.post("/sign-in/cover/")
        yield "/sign-in/resume/", typed


def _login_password(browser: Browser, user: User) -> Iterator[Proof]:
    yield from _step_up(browser, user)
    yield "/security/login-password/", {"old": LOGIN_PASSWORD, "new": _NEW, "again": _NEW}


def _payment_password(browser: Browser, user: User) -> Iterator[Proof]:
    yield from _step_up(browser, user)
    yield "/security/payment-password/", {"old": PAYMENT_PASSWORD, **_twice()}


def _payment_password_reset(browser: Browser, user: User) -> Iterator[Proof]:
    enrol_authenticator(user=user)
    paper = renew_recovery_codes(user=user)
    yield "/recover/payment/", {"login_password": LOGIN_PASSWORD, "id_digits": _digits(user)}
    yield "/recover/payment/factor/", {"code": paper[0]}
    yield "/recover/payment/code/", _code(user)
    assert browser.post("/recover/payment/new/", _twice()).status == 302


def _phone(browser: Browser, user: User) -> Iterator[Proof]:
    yield from _step_up(browser, user)
    browser.post("/security/phone/", {"phone": _OTHER_PHONE, "old_phone": "with"})
    yield "/security/phone/old/", _code(user)
    yield "/security/phone/new/", {"code": read_code(_OTHER_PHONE)}


def _phone_without_the_old_one(browser: Browser, user: User) -> Iterator[Proof]:
    yield from _step_up(browser, user)
    browser.post("/security/phone/", {"phone": _OTHER_PHONE, "old_phone": "without"})
    answers = {"payment_password": PAYMENT_PASSWORD, "id_digits": _digits(user)}
    yield "/security/phone/person/", answers
    yield "/security/phone/new/", {"code": read_code(_OTHER_PHONE)}


def _lift(browser: Browser, user: User) -> Iterator[Proof]:
    browser.post("/security/freeze/")
    yield from _step_up(browser, user)
    answers = {"payment_password": PAYMENT_PASSWORD, "id_digits": _digits(user)}
    yield "/security/freeze/lift/", answers
    yield "/security/freeze/lift/code/", _code(user)


def _card(browser: Browser, user: User) -> Iterator[Proof]:
    typed = {"number": card_number("622599000000001"), "holder_name": "陈思远"}
    answer = browser.post("/cards/add/", typed)
    assert answer.status == 302, answer.text
    yield answer.location, _code(user)


def _closing(browser: Browser, user: User) -> Iterator[Proof]:
    yield from _step_up(browser, user)
    payment = compose(browser, User.objects.get(phone="+8613900134412"), "100.00")
    assert authorise(browser, payment).location == payment
    yield "/me/close/confirm/", {"payment_password": PAYMENT_PASSWORD, "understood": "on"}


PROOFS: list[Callable[[Browser, User], Iterator[Proof]]] = [
    _step_up, _step_up_with_a_code, _cover, _login_password, _payment_password,
    _payment_password_reset, _phone, _phone_without_the_old_one, _lift, _card, _closing,
]  # fmt: skip


@pytest.mark.parametrize("proofs", PROOFS, ids=lambda each: each.__name__.strip("_"))
def test_each_accepted_proof_gives_the_session_a_new_value(
    site: Site, rich_alice: User, proofs: Callable[[Browser, User], Iterator[Proof]]
) -> None:
    browser = site.signed_in(rich_alice)
    for path, typed in proofs(browser, rich_alice):
        kept = browser.copy()
        answer = browser.post(path, typed)
        assert answer.status == 302, (path, answer.text)
        assert browser.cookies[SESSION_COOKIE] != kept.cookies[SESSION_COOKIE], path
        assert browser.get("/home/").status in {200, 302}
        assert is_in(browser) and not is_in(kept), path


def test_a_proof_in_one_tab_loses_nothing_in_another(site: Site, rich_alice: User) -> None:
    """Codes and walks belong to the browser, whatever the value of its cookie is by now."""
    browser = site.signed_in(rich_alice)
    proof = {"login_password": LOGIN_PASSWORD, "id_digits": _digits(rich_alice)}
    assert browser.post("/recover/payment/", proof).location == "/recover/payment/code/"
    waiting = read_code(str(rich_alice.phone))
    browser.post("/step-up/", {"password": LOGIN_PASSWORD})
    browser.post("/step-up/", {"password": LOGIN_PASSWORD})
    assert browser.get("/codes/continue/").location == "/recover/payment/code/"
    answer = browser.post("/recover/payment/code/", {"code": waiting})
    assert answer.location == "/recover/payment/new/"
    # It ends with the session.
    browser.post("/sign-out/")
    try_password(browser, str(rich_alice.phone), LOGIN_PASSWORD)
    assert browser.get("/recover/payment/new/").location == "/recover/payment/"
    assert browser.get("/codes/continue/").status == 200


def test_a_cookie_kept_over_signing_out_is_dead(site: Site, rich_alice: User, bob: User) -> None:
    browser = site.signed_in(rich_alice)
    payment = compose(browser, bob)
    kept = browser.copy()
    answer = browser.post("/sign-out/")
    assert "cache" in answer.headers["Clear-Site-Data"]
    for path in ("/home/", "/activity/", payment, f"{payment}authorise/", "/me/"):
        assert kept.get(path).location.startswith("/sign-in/")
    assert authorise(kept, payment).status in {302, 403}
    assert money_of(bob) == 0
    prove_the_books()


def test_a_changed_password_and_a_disabled_person_end_sessions_at_once(
    site: Site, rich_alice: User
) -> None:
    here, there = site.signed_in(rich_alice), site.signed_in(rich_alice)
    here.post("/step-up/", {"password": LOGIN_PASSWORD, "next": "/security/"})
    form = here.get("/security/login-password/").form("old")
    new = {name: _NEW for name in form.fields if name.startswith(("new", "again"))}
    answer = here.post(form.action, {"old": LOGIN_PASSWORD, **new})
    assert answer.status == 302, answer.text
    assert is_in(here)
    assert not is_in(there)
    User.objects.filter(pk=rich_alice.pk).update(is_active=False)
    assert not is_in(here)
    assert try_password(site.browser(), str(rich_alice.phone), _NEW).status == 422


def test_signing_out_elsewhere_works_at_once_and_for_oneself_only(
    site: Site, rich_alice: User, mallory: User
) -> None:
    here, there, thief = (site.signed_in(user) for user in (rich_alice, rich_alice, mallory))
    thief.post("/security/devices/end-others/")
    assert is_in(here) and is_in(there)
    assert here.post("/security/devices/end-others/").status == 302
    assert is_in(here) and not is_in(there) and is_in(thief)


def test_junk_cookies_and_a_session_in_the_address_open_nothing(
    site: Site, rich_alice: User
) -> None:
    value = site.signed_in(rich_alice).cookies[SESSION_COOKIE]
    for name in ("wallet", "sessionid", "session", "__Host-wallet"):
        path = f"/home/?{name}={value}"
        assert site.browser().get(path).status == 302
        assert site.browser().get(f"/home/;{name}={value}").status in {302, 404}
    for junk in ("", "x", "a" * 32, "a" * 7000, "..%2f..", "%00", "é", '"', "\\", f"{value}x",
                 value.upper(), f"{value}; wallet={value}x", "' or 1=1", "{{7*7}}"):  # fmt: skip
        browser = site.browser()
        header = f"wallet={junk}; wallet-csrf={junk}; wallet-language={junk}; wallet-theme={junk}"
        answer = browser.get("/home/", Cookie=header.encode().decode("latin-1"))
        assert answer.status == 302, junk
        assert browser.get("/sign-in/", Cookie=header.encode().decode("latin-1")).status == 200


def test_the_session_cookie_is_for_this_host_and_for_no_script(
    site: Site, rich_alice: User
) -> None:
    answer = try_password(site.browser(), str(rich_alice.phone), LOGIN_PASSWORD)
    jar = SimpleCookie()
    for line in answer.headers.get_all("Set-Cookie") or []:
        jar.load(line)
    cookie = jar[SESSION_COOKIE]
    assert (cookie["httponly"], cookie["samesite"], cookie["path"]) == (True, "Lax", "/")
    assert cookie["domain"] == ""
    assert len(cookie.value) >= 32


def test_locking_somebody_out_from_outside_hurts_nobody_else_and_ends_by_reset(
    site: Site, rich_alice: User, bob: User
) -> None:
    inside = site.signed_in(rich_alice)
    attacker = site.browser()
    statuses = {
        try_password(attacker, str(rich_alice.phone), f"guess {n}").status for n in range(7)
    }
    assert statuses == {422, 403}
    assert try_password(site.browser(), str(rich_alice.phone), LOGIN_PASSWORD).status == 403
    payment = compose(inside, bob)
    assert authorise(inside, payment).location == payment
    assert is_in(site.signed_in(bob))
    prove_the_books()
