"""Two-step sign-in: setting it up, passing it, and not getting around it."""

from __future__ import annotations

import re
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.factors.errors import FactorLocked, FactorWrong
from accounts.factors.models import Authenticator, RecoveryCode
from accounts.factors.services import enrol_authenticator, verify_second_factor
from accounts.security.models import SecurityEvent, UserSession
from accounts.signin.tests.doors import (
    app_code,
    give_fresh_proof,
    make_person,
    try_password,
)

pytestmark = pytest.mark.django_db
CODES = re.compile(r"\b[A-Z2-7]{4}(?:-[A-Z2-7]{4}){3}\b")


@pytest.fixture
def person():
    return make_person()


@pytest.fixture
def door(client, person):
    try_password(client, person)
    return client


def set_up(client) -> tuple[str, list[str]]:
    """Switch two-step sign-in on through the pages; the app's key and the recovery codes."""
    give_fresh_proof(client)
    page = client.post("/security/two-factor/begin/", follow=True).content.decode()
    found = re.search(r"<bdi>([A-Z2-7 ]+)</bdi>", page)
    assert found
    secret = found.group(1).replace(" ", "")
    done = client.post("/security/two-factor/confirm/", {"code": app_code(secret, -1)})
    assert done.status_code == 200
    return secret, CODES.findall(done.content.decode())


def test_setting_up_shows_a_picture_and_ten_codes_once(door, person):
    secret, codes = set_up(door)
    assert len(set(codes)) == 10
    assert door.get("/security/two-factor/").status_code == 200
    assert not CODES.findall(door.get("/security/two-factor/").content.decode())
    assert SecurityEvent.objects.filter(user=person, kind="two_factor.on").exists()
    stored = str(list(RecoveryCode.objects.values())) + str(list(Authenticator.objects.values()))
    assert secret not in stored and not any(code in stored for code in codes)


def test_a_wrong_code_switches_nothing_on(door, person):
    give_fresh_proof(door)
    door.post("/security/two-factor/begin/")
    assert door.post("/security/two-factor/confirm/", {"code": "000000"}).status_code == 422
    assert not Authenticator.objects.filter(user=person, confirmed=True).exists()


def test_the_password_alone_no_longer_signs_in(door, person):
    secret, _codes = set_up(door)
    other = Client()
    response = try_password(other, person)
    assert response["Location"] == "/sign-in/verify/"
    assert "_auth_user_id" not in other.session
    assert other.get("/security/")["Location"].startswith("/sign-in/")
    assert other.post("/sign-in/verify/", {"code": "000000"}).status_code == 422
    assert other.post("/sign-in/verify/", {"code": app_code(secret)}).status_code == 302
    assert other.session["_auth_user_id"] == str(person.pk)


def test_a_code_signs_in_once(door, person):
    secret, _codes = set_up(door)
    first, second = Client(), Client()
    for browser in (first, second):
        try_password(browser, person)
    code = app_code(secret)
    assert first.post("/sign-in/verify/", {"code": code}).status_code == 302
    assert second.post("/sign-in/verify/", {"code": code}).status_code == 422


def test_a_recovery_code_signs_in_once_in_small_letters_too(door, person):
    _secret, codes = set_up(door)
    first, second = Client(), Client()
    for browser in (first, second):
        try_password(browser, person)
    typed = codes[0].lower().replace("-", " ")
    assert first.post("/sign-in/verify/", {"code": typed}).status_code == 302
    assert second.post("/sign-in/verify/", {"code": codes[0]}).status_code == 422
    assert SecurityEvent.objects.filter(user=person, kind="recovery_codes.used").count() == 1


def test_new_recovery_codes_kill_the_old_ones(door, person):
    _secret, old = set_up(door)
    answer = door.post("/security/two-factor/recovery-codes/").content.decode()
    new = CODES.findall(answer)
    assert len(new) == 10 and not set(new) & set(old)
    with pytest.raises(FactorWrong):
        verify_second_factor(user=person, code=old[0])
    verify_second_factor(user=person, code=new[0])


def test_five_wrong_codes_pause_the_second_step_for_at_most_an_hour(person):
    secret = enrol_authenticator(user=person).secret

    def is_locked(code: str = "000000") -> bool:
        try:
            verify_second_factor(user=person, code=code)
        except FactorLocked:
            return True
        except FactorWrong:
            return False
        return False

    waits = []
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert [is_locked() for _number in range(5)] == [False] * 5
        for _round in range(4):
            assert is_locked(app_code(secret))
            before = timezone.now()
            while is_locked():
                clock.shift(timedelta(minutes=1))
            waits.append((timezone.now() - before) / timedelta(minutes=1))
    assert waits == [15, 30, 60, 60]


def test_a_stranger_without_the_password_cannot_touch_the_second_step(person):
    enrol_authenticator(user=person)
    stranger = Client()
    for _number in range(10):
        answer = stranger.post("/sign-in/verify/", {"code": "000000"})
        assert answer["Location"] == "/sign-in/"
    with pytest.raises(FactorWrong):
        verify_second_factor(user=person, code="000000")


def test_codes_far_from_now_are_refused_and_near_ones_accepted(person):
    secret = enrol_authenticator(user=person).secret
    for steps in (-2, 2, 40):
        with pytest.raises(FactorWrong):
            verify_second_factor(user=person, code=app_code(secret, steps))
    verify_second_factor(user=person, code=app_code(secret, -1))
    verify_second_factor(user=person, code=app_code(secret, 1))
    with pytest.raises(FactorWrong):
        verify_second_factor(user=person, code=app_code(secret))


def test_a_pending_sign_in_dies_with_time_and_with_a_new_password(door, person):
    secret, _codes = set_up(door)
    late, changed = Client(), Client()
    for browser in (late, changed):
        try_password(browser, person)
    person.set_password("another good password 5")
    person.save()
    assert changed.post("/sign-in/verify/", {"code": app_code(secret)})["Location"] == "/sign-in/"
    with time_machine.travel(timezone.now() + timedelta(minutes=6)):
        assert late.post("/sign-in/verify/", {"code": app_code(secret)}).status_code == 302
        assert "_auth_user_id" not in late.session


def test_switching_it_off_asks_for_fresh_proof_and_signs_other_devices_out(door, person):
    secret, _codes = set_up(door)
    other = Client()
    try_password(other, person)
    other.post("/sign-in/verify/", {"code": app_code(secret)})
    UserSession.objects.filter(user=person).update(proved_at=None)
    assert "/step-up/" in door.post("/security/two-factor/off/")["Location"]
    assert Authenticator.objects.filter(user=person).exists()
    UserSession.objects.filter(user=person).update(proved_at=timezone.now())
    door.post("/security/two-factor/off/")
    assert not Authenticator.objects.filter(user=person).exists()
    assert other.get("/security/")["Location"].startswith("/sign-in/")


def test_with_two_step_on_fresh_proof_needs_password_and_code(door, person):
    secret, _codes = set_up(door)
    UserSession.objects.filter(user=person).update(proved_at=None)
    assert give_fresh_proof(door).status_code == 422
    assert "/step-up/" in door.get("/security/two-factor/")["Location"]
    data = {"password": "correct horse 9 battery", "code": app_code(secret, 1)}
    before = door.session.session_key
    assert door.post("/step-up/", data).status_code == 302
    assert door.session.session_key != before
    assert door.get("/security/two-factor/").status_code == 200
