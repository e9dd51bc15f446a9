"""The notice of a change on the pages: whoever made the change cannot hide it from its owner."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.changes.models import Change
from accounts.changes.services import note_change
from accounts.security.models import KnownDevice, UserSession
from accounts.security.sessions import SESSION_FIELD
from accounts.signin.tests.doors import give_fresh_proof, try_password
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
NEW = "another quiet river 99"


def browser(user: User, password: str = LOGIN_PASSWORD) -> Client:
    """A browser that was never seen before, signed in."""
    client = Client()
    try_password(client, user, password)
    assert client.get("/home/").status_code == 200
    return client


def session_of(client: Client) -> UserSession:
    return UserSession.objects.get(public_id=client.session[SESSION_FIELD])


def grow_old(client: Client) -> None:
    """This browser was first used two days ago."""
    device = session_of(client).device
    assert device is not None
    two_days = timezone.now() - timedelta(days=2)
    KnownDevice.objects.filter(pk=device.pk).update(first_seen_at=two_days)


def seen_page(change: Change) -> str:
    return f"/security/changes/{change.public_id}/seen/"


def shows(client: Client, change: Change) -> bool:
    return seen_page(change) in client.get("/home/").content.decode()


def read(client: Client, change: Change) -> Any:
    return client.post(seen_page(change), {"next": "/home/"})


def thief_with_new_password(user: User) -> tuple[Client, Change]:
    thief = browser(user)
    give_fresh_proof(thief, LOGIN_PASSWORD)
    thief.post("/security/login-password/", {"old": LOGIN_PASSWORD, "new": NEW, "again": NEW})
    return thief, Change.objects.get(user=user, kind="login_password.changed")


def test_the_browser_that_made_a_change_cannot_read_its_notice_away(alice: User) -> None:
    thief, change = thief_with_new_password(alice)
    assert not shows(thief, change)
    assert read(thief, change).status_code == 302
    assert not change.seen.exists()
    assert shows(browser(alice, NEW), change)


def test_nor_can_another_sign_in_on_the_same_device(alice: User) -> None:
    thief, change = thief_with_new_password(alice)
    grow_old(thief)
    thief.post("/sign-out/")
    try_password(thief, alice, NEW)
    assert not shows(thief, change)
    read(thief, change)
    # Also when the sessions of that time were cleaned up.
    UserSession.objects.filter(user=alice).exclude(pk=session_of(thief).pk).delete()
    read(thief, change)
    assert not change.seen.exists()
    assert shows(browser(alice, NEW), change)


def test_nor_another_device_of_theirs_and_the_owner_reads_it_on_each_new_one(alice: User) -> None:
    _thief, change = thief_with_new_password(alice)
    other = browser(alice, NEW)
    assert shows(other, change)
    read(other, change)
    assert not shows(other, change)
    assert shows(browser(alice, NEW), change)


def test_nor_one_that_was_signed_in_just_before_for_that(alice: User) -> None:
    other = browser(alice)
    _thief, change = thief_with_new_password(alice)
    try_password(other, alice, NEW)
    read(other, change)
    assert shows(browser(alice, NEW), change)


def test_what_was_read_on_a_device_stays_read_there(alice: User) -> None:
    mine, change = browser(alice), note_change(user=alice, kind="two_factor.on")
    read(mine, change)
    mine.post("/sign-out/")
    try_password(mine, alice, LOGIN_PASSWORD)
    UserSession.objects.filter(user=alice).exclude(pk=session_of(mine).pk).delete()
    assert not shows(mine, change)


def test_what_was_read_on_a_device_that_was_known_before_is_read_on_all(alice: User) -> None:
    mine, phone = browser(alice), browser(alice)
    grow_old(mine)
    change = note_change(user=alice, kind="two_factor.on")
    assert shows(phone, change)
    read(mine, change)
    assert not shows(mine, change)
    assert not shows(phone, change)
    assert not shows(browser(alice), change)


def test_a_device_that_became_known_only_after_the_change_hides_it_nowhere_else(
    alice: User,
) -> None:
    change = note_change(user=alice, kind="two_factor.on")
    other = browser(alice)
    device = session_of(other).device
    assert device is not None
    KnownDevice.objects.filter(pk=device.pk).update(proved_at=timezone.now())
    read(other, change)
    assert shows(browser(alice), change)


def test_a_browser_without_a_device_reads_for_its_own_sign_in(alice: User) -> None:
    one, other = browser(alice), browser(alice)
    KnownDevice.objects.filter(user=alice).delete()
    mine = session_of(one)
    assert mine.device_id is None
    change = note_change(user=alice, kind="two_factor.on", session=mine)
    assert not shows(one, change)
    KnownDevice.objects.filter(user=alice).delete()
    read(one, change)
    assert shows(other, change)
    read(other, change)
    assert not shows(other, change)
    assert shows(browser(alice), change)


def test_a_forgotten_device_does_not_show_its_own_change_again(alice: User) -> None:
    thief, change = thief_with_new_password(alice)
    device = session_of(thief).device
    assert device is not None
    thief.post(f"/security/devices/{device.public_id}/forget/")
    thief.get("/home/")
    grow_old(thief)
    read(thief, change)
    assert not change.seen.exists()
    assert shows(browser(alice, NEW), change)
