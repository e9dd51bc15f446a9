"""Who knows a phone number can lock strangers out, never the owner's own browsers."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.contrib.auth import authenticate
from django.test import Client
from django.utils import timezone

from accounts.factors.services import enrol_authenticator
from accounts.security.devices import forget_device, list_devices_for
from accounts.signin.selectors import sign_in_lock_state
from accounts.signin.services import unlock_sign_in
from accounts.signin.tests.doors import app_code, make_person, try_password
from accounts.users.models import User
from tests.limits import PLENTY, with_limits

pytestmark = pytest.mark.django_db


@pytest.fixture
def looks(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """One entry for every password that was really looked at."""
    seen: list[str] = []

    def counting(*args: Any, **kwargs: Any) -> Any:
        seen.append("one")
        return authenticate(*args, **kwargs)

    monkeypatch.setattr("accounts.signin.services.authenticate", counting)
    return seen


@pytest.fixture(autouse=True)
def one_address_may_try_much(settings: Any) -> None:
    with_limits(settings, "sign_in", address=PLENTY)
    with_limits(settings, "recover", address=PLENTY)


@pytest.fixture
def owner() -> User:
    return make_person()


@pytest.fixture
def own_browser(owner: User) -> Client:
    """A browser in which the owner has signed in and out."""
    browser = Client()
    assert try_password(browser, owner).status_code == 302
    browser.post("/sign-out/")
    return browser


def strangers_try(owner: User, times: int) -> list[int]:
    return [
        try_password(Client(REMOTE_ADDR=f"198.51.100.{n + 1}"), owner, f"wrong {n}").status_code
        for n in range(times)
    ]


def test_strangers_cannot_keep_the_owner_out_of_their_own_browser(
    owner: User, own_browser: Client, looks: list[str]
) -> None:
    assert strangers_try(owner, 8) == [422] * 4 + [403] * 4
    assert len(looks) == 5
    assert try_password(own_browser, owner).status_code == 302
    assert try_password(Client(), owner).status_code == 403


def test_the_owner_coming_in_gives_strangers_no_new_tries(
    owner: User, own_browser: Client, looks: list[str]
) -> None:
    strangers_try(owner, 5)
    assert try_password(own_browser, owner).status_code == 302
    assert len(looks) == 6
    assert strangers_try(owner, 3) == [403] * 3
    assert len(looks) == 6


def test_an_own_browser_has_five_tries_of_its_own_and_its_own_page(
    owner: User, own_browser: Client, looks: list[str]
) -> None:
    answers = [try_password(own_browser, owner, f"wrong {n}").status_code for n in range(7)]
    assert answers == [422] * 4 + [403] * 3
    assert len(looks) == 5
    assert own_browser.get("/locked/").status_code == 403
    assert sign_in_lock_state(owner).is_locked
    # Another browser is not punished for it.
    assert try_password(Client(), owner).status_code == 302


def test_a_cookie_of_somebody_else_or_a_forgotten_browser_is_a_stranger(
    owner: User, own_browser: Client
) -> None:
    mallory = make_person("+8613900000002")
    hers = Client()
    assert try_password(hers, mallory).status_code == 302
    hers.post("/sign-out/")
    strangers_try(owner, 5)
    assert try_password(hers, owner).status_code == 403
    assert forget_device(user=owner, public_id=list_devices_for(owner).get().public_id)
    assert try_password(own_browser, owner).status_code == 403


def test_an_unlock_opens_every_door_of_a_person(owner: User, own_browser: Client) -> None:
    strangers_try(owner, 5)
    for number in range(5):
        try_password(own_browser, owner, f"wrong {number}")
    unlock_sign_in(user=owner, by=owner, reason="checked the caller")
    assert not sign_in_lock_state(owner).is_locked
    assert try_password(own_browser, owner).status_code == 302
    assert try_password(Client(), owner).status_code == 302


def test_the_second_steps_lock_has_a_page_with_its_end_and_ways_on(client: Client) -> None:
    person = make_person("+8613900000003")
    secret = enrol_authenticator(user=person).secret
    assert try_password(client, person)["Location"] == "/sign-in/verify/"
    answers = [client.post("/sign-in/verify/", {"code": "000000"}) for _n in range(6)]
    assert [answer.status_code for answer in answers] == [422] * 4 + [403] * 2
    assert "bigclock" in answers[-1].content.decode()
    assert client.get("/sign-in/verify/").status_code == 403
    # The right code is not looked at either, and it ends by itself.
    assert client.post("/sign-in/verify/", {"code": app_code(secret)}).status_code == 403
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        try_password(client, person)
        assert client.get("/sign-in/verify/").status_code == 200
