"""A browser is told again by its cookie, is known after a proof or a day, and can be forgotten."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import timezone

from accounts.security.devices import (
    forget_device,
    is_known_device,
    list_devices_for,
    note_device_proved,
)
from accounts.security.models import KnownDevice, SecurityEvent, UserSession
from accounts.signin.tests.doors import try_password
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD

pytestmark = pytest.mark.django_db


def sign_in(client: Client, user: User) -> UserSession:
    assert try_password(client, user, LOGIN_PASSWORD).status_code == 302
    return UserSession.objects.get(user=user, ended_at=None)


def again(client: Client, user: User) -> UserSession:
    client.post("/sign-out/")
    return sign_in(client, user)


def test_signing_in_gives_a_browser_a_cookie_that_names_it_again(
    client: Client, alice: User
) -> None:
    first = sign_in(client, alice)
    cookie = client.cookies[settings.DEVICE_COOKIE_NAME]
    assert cookie["httponly"] and cookie["samesite"] == "Lax" and int(cookie["max-age"]) > 86_400
    token = cookie.value.split(":")[0]
    assert not KnownDevice.objects.filter(token_hash__contains=token).exists()

    assert again(client, alice).device_id == first.device_id
    assert sign_in_elsewhere(alice).device_id != first.device_id


def sign_in_elsewhere(user: User) -> UserSession:
    other = Client()
    try_password(other, user, LOGIN_PASSWORD)
    return UserSession.objects.filter(user=user).latest("pk")


def test_a_forged_cookie_names_nothing(client: Client, alice: User) -> None:
    first = sign_in(client, alice)
    forger = Client()
    forger.cookies[settings.DEVICE_COOKIE_NAME] = "made-up:1abcde:signature"
    assert sign_in_with(forger, alice).device_id != first.device_id


def sign_in_with(client: Client, user: User) -> UserSession:
    try_password(client, user, LOGIN_PASSWORD)
    return UserSession.objects.filter(user=user).latest("pk")


def test_a_browser_is_new_until_a_proof_or_a_day_has_passed(client: Client, alice: User) -> None:
    session = sign_in(client, alice)
    assert not is_known_device(session) and not is_known_device(None)
    with time_machine.travel(timezone.now() + timedelta(days=1, seconds=1)):
        assert is_known_device(session)
    note_device_proved(session=session)
    assert is_known_device(session)


def test_two_people_on_one_browser_do_not_trust_each_other(
    client: Client, alice: User, bob: User
) -> None:
    note_device_proved(session=sign_in(client, alice))
    client.post("/sign-out/")
    assert not is_known_device(sign_in(client, bob))


def test_a_forgotten_browser_is_new_again_and_gets_another_cookie(
    client: Client, alice: User, bob: User
) -> None:
    session = sign_in(client, alice)
    note_device_proved(session=session)
    before = client.cookies[settings.DEVICE_COOKIE_NAME].value
    device = list_devices_for(alice).get()

    assert not forget_device(user=bob, public_id=device.public_id)
    assert forget_device(user=alice, public_id=device.public_id)
    assert not forget_device(user=alice, public_id=device.public_id)

    client.get("/home/")
    session.refresh_from_db()
    assert session.device_id not in (None, device.pk) and not is_known_device(session)
    assert client.cookies[settings.DEVICE_COOKIE_NAME].value != before
    assert SecurityEvent.objects.filter(user=alice, kind="device.forgotten").count() == 1
