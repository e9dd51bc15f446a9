"""The front door: who gets in, who does not, and what strangers learn."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from axes.models import AccessAttempt
from django.contrib.sessions.models import Session
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from accounts.security.models import SecurityEvent
from accounts.signin.selectors import sign_in_lock_state
from accounts.signin.services import unlock_sign_in
from accounts.signin.tests.doors import PASSWORD, make_person, try_password
from tests.limits import PLENTY, with_limits

pytestmark = pytest.mark.django_db
UNKNOWN = "+8613900000001"


def test_the_right_phone_and_password_open_the_door(client):
    user = make_person()
    response = try_password(client, user)
    assert response.status_code == 302
    assert client.session["_auth_user_id"] == str(user.pk)
    assert SecurityEvent.objects.filter(user=user, kind="sign_in.ok").exists()


@pytest.mark.parametrize("typed", ["13800136027", "138 0013 6027", "＋86 138 0013 6027"])
def test_a_phone_may_be_typed_as_people_write_it(client, typed):
    make_person()
    assert try_password(client, typed).status_code == 302


def test_a_wrong_password_and_an_unknown_phone_answer_alike(client):
    user = make_person()
    known = try_password(client, user, "wrong password")
    unknown = try_password(Client(), UNKNOWN, "wrong password")
    assert known.status_code == unknown.status_code == 422
    assert _shape(known, str(user.phone)) == _shape(unknown, UNKNOWN)
    assert "wrong password" not in known.content.decode()


@pytest.mark.parametrize("who", ["known", "unknown"])
def test_five_wrong_passwords_lock_for_fifteen_minutes_known_or_not(client, who):
    user = make_person()
    phone = str(user.phone) if who == "known" else UNKNOWN
    answers = [try_password(client, phone, f"wrong {n}").status_code for n in range(6)]
    assert answers == [422, 422, 422, 422, 403, 403]
    assert client.get("/locked/").status_code == 403
    with time_machine.travel(timezone.now() + timedelta(minutes=15, seconds=1)):
        assert client.get("/locked/").status_code == 302
        assert try_password(client, phone, "wrong again").status_code == 422
        if who == "known":
            assert try_password(client, phone).status_code == 302


def test_the_right_password_is_refused_while_locked_and_trying_does_not_extend(client):
    user = make_person()
    for number in range(5):
        try_password(client, user, f"wrong {number}")
    until = sign_in_lock_state(user).locked_until
    with time_machine.travel(timezone.now() + timedelta(minutes=14)):
        assert try_password(Client(), user).status_code == 403
        assert sign_in_lock_state(user).locked_until == until


def test_ten_wrong_lock_for_an_hour_and_twenty_until_a_reset(client, settings):
    with_limits(settings, "sign_in", address=PLENTY)
    user = make_person()
    now = timezone.now()
    locks = []
    with time_machine.travel(now, tick=False) as clock:
        for number in range(20):
            try_password(client, user, f"wrong {number}")
            state = sign_in_lock_state(user)
            if state.is_locked and state.locked_until:
                locks.append((number + 1, state.locked_until - timezone.now()))
                clock.move_to(state.locked_until + timedelta(seconds=1))
    minutes = [(count, round(length.total_seconds() / 60)) for count, length in locks]
    assert minutes == [(5, 15), (10, 60), (15, 60)]
    assert sign_in_lock_state(user).is_reset_only
    with time_machine.travel(now + timedelta(days=400)):
        assert try_password(Client(), user).status_code == 403


def test_support_ends_a_lock_and_the_person_sees_it(client):
    user, olivia = make_person(), make_person("+8613700000009", is_staff=True)
    for number in range(5):
        try_password(client, user, f"wrong {number}")
    unlock_sign_in(user=user, by=olivia, reason="checked by phone")
    assert not sign_in_lock_state(user).is_locked
    assert try_password(client, user).status_code == 302
    event = SecurityEvent.objects.get(user=user, kind="sign_in.unlocked")
    assert event.actor == olivia and event.details == {"reason": "checked by phone"}


def test_a_lock_from_outside_leaves_the_signed_in_person_and_others_alone(client):
    victim, neighbour = make_person(), make_person("+8613800136028")
    try_password(client, victim)
    stranger = Client()
    for number in range(6):
        try_password(stranger, victim, f"wrong {number}")
    assert client.get("/security/login-password/").status_code != 403
    assert client.get("/sign-in/").status_code == 302
    assert try_password(Client(), neighbour).status_code == 302


def test_thirty_wrong_tries_a_minute_from_one_address_answer_429_and_lock_no_other_name(client):
    user = make_person()
    codes = [try_password(client, f"+86139{n:08d}", "wrong").status_code for n in range(31)]
    assert codes[:30] == [422] * 30 and codes[30] == 429
    forged = try_password(client, user, HTTP_X_FORWARDED_FOR="203.0.113.9")
    assert forged.status_code == 429 and int(forged["Retry-After"]) > 0
    assert not sign_in_lock_state(user).is_locked
    assert try_password(Client(REMOTE_ADDR="198.51.100.7"), user).status_code == 302


def test_the_axes_tables_and_our_own_hold_nothing_that_was_typed(client, capsys, caplog):
    user = make_person()
    secrets = ["hunter2-in-the-name-box", "wrong-password-9137", "739164", str(user.phone)]
    client.post(
        "/sign-in/?next=/pay/739164/",
        {"phone": secrets[0], "password": secrets[1], "pin": "739164", "next": "/pay/739164/"},
    )
    try_password(client, user, secrets[1])
    for _number in range(6):
        locked = try_password(client, secrets[0], secrets[1])
    assert locked.status_code == 403
    assert AccessAttempt.objects.count() == 2
    sessions = "".join(str(row.get_decoded()) for row in Session.objects.all())
    assert sessions
    assert not any(secret in sessions for secret in secrets)
    capsys.readouterr()
    call_command("dumpdata", exclude=["accounts.user", "contenttypes", "auth.permission"])
    dump = capsys.readouterr().out
    for secret in secrets:
        assert secret not in dump
        assert secret not in caplog.text
    for row in AccessAttempt.objects.all():
        # Only the separators that axes puts between tries.
        assert not (row.post_data + row.get_data).strip("-\n")
        assert len(row.username) == 64


@pytest.mark.parametrize("phone", ["", " ", "\x00", "x" * 5000, "\u202e", "'; drop", "+", "+1" * 9])
def test_odd_names_get_an_ordinary_answer(client, phone):
    response = client.post("/sign-in/", {"phone": phone, "password": "wrong"})
    assert response.status_code == 422


def test_odd_passwords_get_an_ordinary_answer(client):
    user = make_person()
    for password in ["", "\x00", "x" * 5000, "密码" * 40]:
        assert try_password(client, user, password).status_code == 422


def test_a_disabled_person_gets_the_answer_of_a_wrong_password(client):
    user = make_person(is_active=False)
    response = try_password(client, user)
    assert response.status_code == 422
    assert "_auth_user_id" not in client.session


def test_the_sign_in_form_needs_a_csrf_token():
    user = make_person()
    strict = Client(enforce_csrf_checks=True)
    assert try_password(strict, user, PASSWORD).status_code == 403


def _shape(response, phone):
    """The page without what differs for everybody: tokens and the number that was typed."""
    lines = response.content.decode().replace(phone, "PHONE").splitlines()
    return [line for line in lines if "csrf" not in line.lower()]
