"""Every address of the site is on a list: who may come, and what asks for fresh proof. A new page
that is on none fails here, so nobody opens a door by forgetting to close it (rows 19, 24)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import Any
from urllib.parse import unquote
from uuid import uuid4

import pytest
import time_machine
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver
from django.utils import timezone

from accounts.factors.models import Passkey
from accounts.factors.services import enrol_authenticator, renew_recovery_codes
from accounts.security.models import UserSession
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from tests.authenticators import SoftAuthenticator, give_passkey
from tests.cast import LOGIN_PASSWORD, make_staff, wallet_with

pytestmark = [pytest.mark.django_db, pytest.mark.once]

# For people who are not signed in. What stands behind a walk (a code, a visit) leads to its start.
PUBLIC = {
    "/", "/help/", "/help/{}/", "/service-worker.js", "/offline/", "/security-promises/",
    "/theme/brand.css", "/manifest.webmanifest", "/preferences/language/", "/preferences/theme/",
    "/sign-in/", "/sign-in/passkey/", "/sign-in/verify/", "/sign-out/", "/locked/",
    "/recover/login/", "/recover/login/code/", "/recover/login/identity/",
    "/recover/login/password/", "/open/", "/open/person/", "/open/phone/", "/open/passwords/",
    "/open/code/", "/open/code/send/", "/open/start-again/", "/terms/service/", "/terms/privacy/",
    "/codes/{}/resend/", "/codes/continue/", "/sms/receipts/{}/", "/demo/inbox/",
    "/not-me/", "/not-me/code/", "/not-me/act/", "/not-me/undo/", "/not-me/stop/",
    "/support/", "/support/contact/", "/support/contact/sent/", "/support/contact/read/",
    "/support/contact/code/", "/support/contact/open/", "/support/contact/case/leave/",
    "/support/contact/case/", "/support/contact/case/reply/",
    "/support/contact/case/read/", "/support/contact/case/close/",
    "/support/contact/case/reopen/", "/freeze/", "/freeze/done/", "/verify/",
    "/number/", "/number/code/", "/number/state/", "/former-number/",
}  # fmt: skip

# Asks for fresh proof before anything else is looked at.
FRESH_PROOF = {
    "/security/login-password/", "/security/payment-password/", "/security/two-factor/", "/security/two-factor/begin/",
    "/security/two-factor/confirm/", "/security/two-factor/off/",
    "/security/two-factor/recovery-codes/", "/security/passkeys/", "/security/passkeys/add/",
    "/security/passkeys/{}/", "/security/passkeys/{}/remove/", "/security/phone/", "/security/changes/{}/undo/",
    "/security/freeze/lift/", "/security/freeze/code/new/", "/me/close/confirm/",
    "/security/number/", "/me/identity/",
}  # fmt: skip

# Below /security/ and /me/ and yet without fresh proof: why.
NO_PROOF = {
    "/security/": "only looks",
    "/security/log/": "only looks",
    "/security/phone/old/": "a step of a walk that began with fresh proof",
    "/security/phone/person/": "a step of a walk that began with fresh proof",
    "/security/phone/new/": "shows only; the form that finishes the walk asks again",
    "/security/phone/stop/": "stops a change",
    "/security/devices/end-others/": "ends sessions",
    "/security/devices/end-all/": "ends sessions",
    "/security/devices/{}/end/": "ends a session",
    "/security/devices/{}/forget/": "makes a browser strange again",
    "/security/changes/{}/seen/": "a notice was read",
    "/security/payments/": "asks when it makes protection weaker; tried in payments/proving",
    "/security/freeze/": "stops money",
    "/security/freeze/lift/code/": "shows only; the form that finishes the walk asks again",
    "/security/freeze/code/": "shows whether there is one",
    "/security/helper/": "only looks",
    "/security/helper/code/": "counts at the desk together with what only the customer knows",
    "/security/helper/look/": "shows a helper less than the page itself shows",
    "/security/helper/end/": "ends a look",
    "/me/": "language, look, time zone",
    "/me/limits/": "asks when it makes limits wider; tried in payments/wallets",
    "/me/level/": "only looks",
    "/me/close/": "only looks",
    "/me/close/take-back/": "takes a closing back",
}


def every_address(patterns: Any = None, start: str = "/") -> Iterator[str]:
    """All but the admin's own, with `{}` for what names an object."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = start + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            if not path.startswith("/admin/"):
                yield from every_address(pattern.url_patterns, path)
        elif isinstance(pattern, URLPattern) and "?P<" not in path:
            yield re.sub(r"<[^>]*>", "{}", path.replace("<int:amount_minor>", "100"))


ADDRESSES = sorted(set(every_address()))


def ask(client: Client, address: str) -> list[Any]:
    path = address.format(uuid4())
    return [client.get(path), client.post(path, {"x": "y"})]


def goes_to(answer: Any, path: str) -> bool:
    return answer.status_code == 302 and answer.headers["Location"].startswith(path)


def test_a_stranger_gets_to_the_listed_pages_and_from_all_others_to_the_door() -> None:
    assert len(ADDRESSES) > 100
    assert set(ADDRESSES) >= PUBLIC
    for address in ADDRESSES:
        for answer in ask(Client(), address):
            is_at_the_door = goes_to(answer, "/sign-in/?next=")
            assert is_at_the_door is (address not in PUBLIC), address


def test_what_changes_safety_asks_for_fresh_proof_each_time(alice: User) -> None:
    wallet_with(alice)
    about = {each for each in ADDRESSES if each.startswith(("/security/", "/me/"))}
    assert about == FRESH_PROOF | NO_PROOF.keys()
    assert not FRESH_PROOF & NO_PROOF.keys()
    stale, other = Client(), Client()
    for client in (stale, other):
        client.force_login(alice)
        assert client.post("/step-up/", {"password": LOGIN_PASSWORD}).status_code == 302
    for address in FRESH_PROOF:
        new = Client()
        new.force_login(alice)
        for answer in ask(new, address):
            # One that only takes forms answers GET with 405.
            assert answer.status_code == 405 or goes_to(answer, "/step-up/"), address
    later = timezone.now() + timedelta(minutes=4, seconds=50)
    with time_machine.travel(later, tick=True):
        other.get("/home/")
        assert other.get("/security/two-factor/").status_code == 200
    with time_machine.travel(later + timedelta(seconds=20), tick=True):
        assert goes_to(other.get("/security/two-factor/"), "/step-up/")
        assert goes_to(other.post("/security/two-factor/begin/"), "/step-up/")


def guarded_forms(patterns: Any = None, start: str = "/") -> Iterator[str]:
    """Addresses of views that ask for fresh proof by themselves, with `{}` as above."""
    for pattern in get_resolver().url_patterns if patterns is None else patterns:
        path = start + str(pattern.pattern).lstrip("^")
        if isinstance(pattern, URLResolver):
            yield from guarded_forms(pattern.url_patterns, path)
        elif getattr(pattern.callback, "asks_fresh_proof", False):
            yield re.sub(r"<[^>]*>", "{}", path)


def test_whoever_proves_it_for_a_form_comes_back_to_a_page(alice: User) -> None:
    wallet_with(alice)
    enrol_authenticator(user=alice)
    give_passkey(alice, SoftAuthenticator())
    passkey = Passkey.objects.get(user=alice)
    client, codes = Client(), renew_recovery_codes(user=alice)
    client.force_login(alice)
    client.get("/home/")
    mine = UserSession.objects.filter(user=alice)
    mine.update(proved_at=timezone.now())
    paths = {each.format(passkey.public_id) for each in guarded_forms() if "/admin/" not in each}
    only_forms = sorted(path for path in paths if client.get(path).status_code == 405)
    assert len(only_forms) >= 4
    for path in only_forms:
        mine.update(proved_at=None)
        door = client.post(path)["Location"]
        assert door.startswith("/step-up/?next="), path
        proof = {
            "password": LOGIN_PASSWORD,
            "code": codes.pop(),
            "next": unquote(door.split("next=")[1]),
        }
        answer = client.post("/step-up/", proof, follow=True)
        assert answer.redirect_chain and answer.status_code == 200, path
        # There the form stands.
        assert f'action="{path}"' in answer.content.decode(), path


def test_staff_pages_are_not_there_for_customers(alice: User) -> None:
    wallet_with(alice)
    staff = [each for each in ADDRESSES if each.startswith("/staff/")]
    assert len(staff) >= 3
    for address in [*staff, "/admin/", "/admin/desk/", "/admin/approvals/", "/admin/jsi18n/"]:
        customer = Client()
        customer.force_login(alice)
        for answer in ask(customer, address):
            # The admin's own way to say no: its door, which is none for who is signed in.
            is_sent = goes_to(answer, "/admin/login/")
            assert is_sent or answer.status_code in {403, 404, 405}, address
    support = Client()
    sign_in_staff(support, make_staff("Support"))
    for address in ("/staff/adjustments/new/", "/staff/limits/new/"):
        assert [each.status_code for each in ask(support, address)] == [403, 403], address
