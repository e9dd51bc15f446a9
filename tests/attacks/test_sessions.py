"""Fixing, keeping and stealing sessions (rows 18, 24)."""

from __future__ import annotations

from http.cookies import SimpleCookie

from accounts.users.models import User
from tests.attacks.client import SESSION_COOKIE, Browser
from tests.attacks.walks import Site, authorise, compose, money_of, try_password
from tests.cast import LOGIN_PASSWORD, prove_the_books

_NEW = "paper lantern 58"


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
