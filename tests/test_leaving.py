"""Wherever a browser's own session is ended, the browser forgets what it kept of the pages."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client

from accounts.changes.services import note_change
from accounts.identity.selectors import personal_facts
from accounts.phone.models import SmsCode
from accounts.security.services import end_sessions
from accounts.signin.tests.doors import sign_in_staff
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, read_code
from tests.doors import signed_in

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]
FORGET = '"cache", "storage"'


def is_told(answer: Any) -> bool:
    """Whether this answer has the browser forget."""
    said = answer.headers.get("Clear-Site-Data")
    assert said in {None, FORGET}
    return said is not None


def test_leaving_by_each_of_the_ways_out(alice: User, olivia: User) -> None:
    here = signed_in(alice)
    assert not is_told(here.get("/home/"))
    assert not is_told(here.post("/security/devices/end-others/"))
    assert is_told(here.post("/security/devices/end-all/"))
    assert is_told(signed_in(alice).post("/sign-out/"))
    desk = Client()
    sign_in_staff(desk, olivia)
    assert is_told(desk.post("/admin/logout/"))


def test_what_was_ended_from_elsewhere_is_forgotten_at_the_next_page(alice: User) -> None:
    here = signed_in(alice)
    end_sessions(user=alice, why="frozen")
    assert is_told(here.get("/home/"))
    assert not is_told(here.get("/sign-in/"))
    idle = signed_in(alice)
    with time_machine.travel(datetime.now(UTC) + timedelta(hours=1)):
        assert is_told(idle.get("/home/", headers={"hx-request": "true"}))


def test_a_staff_session_without_its_second_factor_is_forgotten(olivia: User) -> None:
    desk = Client()
    desk.force_login(olivia)
    assert is_told(desk.get("/admin/"))


def test_somebody_else_who_signs_in_finds_nothing_of_the_one_before(alice: User, bob: User) -> None:
    here = signed_in(alice)
    again = {"phone": str(alice.phone), "password": LOGIN_PASSWORD}
    assert not is_told(here.post("/sign-in/", again))
    assert is_told(here.post("/sign-in/", {**again, "phone": str(bob.phone)}))


def test_a_new_login_password_is_the_end_of_what_was_open_here(alice: User) -> None:
    here = signed_in(alice)
    SmsCode.objects.all().delete()
    phone = str(alice.phone)
    here.post("/recover/login/", {"phone": phone})
    assert here.post("/recover/login/code/", {"code": read_code(phone)}).status_code == 302
    facts = personal_facts(alice)
    assert facts is not None
    assert here.post("/recover/login/identity/", {"digits": facts[1][-6:]}).status_code == 302
    new = {"new": "paper lantern 58", "again": "paper lantern 58"}
    assert is_told(here.post("/recover/login/password/", new))


def test_stopping_everything_here_signs_this_browser_out_and_goes_on(alice: User) -> None:
    here, phone = signed_in(alice), str(alice.phone)
    number = note_change(user=alice, kind="two_factor.off").number
    SmsCode.objects.all().delete()
    here.post("/not-me/", {"number": number, "phone": phone})
    assert here.post("/not-me/code/", {"code": read_code(phone)})["Location"] == "/not-me/act/"
    assert is_told(here.post("/not-me/stop/"))
    after = here.get("/not-me/act/")
    assert after.status_code == 200
    assert "Every device is signed out" in after.content.decode()
    assert here.get("/home/")["Location"].startswith("/sign-in/")
