"""My settings and the security centre, and that every page of these rooms is clean."""

from __future__ import annotations

import pytest
from django.test import Client
from django.utils import translation

from accounts.security.models import KnownDevice, SecurityEvent, UserSession
from accounts.security.services import record_event
from accounts.signin.tests.doors import give_fresh_proof, make_person, try_password
from tests.cast import LOGIN_PASSWORD
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db


@pytest.fixture
def door(client, alice):
    try_password(client, alice, LOGIN_PASSWORD)
    return client


def test_my_page_shows_me_masked(door, alice):
    page = door.get("/me/").content.decode()
    assert "陈*远" in page and "138 **** 6027" in page
    assert "13800136027" not in page and "陈思远" not in page


def test_settings_are_kept(door, alice):
    data = {"locale": "en", "theme": "dark", "hide_amounts": "on"}
    assert door.post("/me/", data).status_code == 302
    alice.refresh_from_db()
    assert (alice.locale, alice.theme, alice.hide_amounts) == ("en", "dark", True)
    assert door.post("/me/", {"theme": "pink"}).status_code == 422


def test_nobody_makes_themselves_staff_by_adding_a_field(door, alice):
    extra = {"is_staff": "on", "is_superuser": "on", "phone": "+8613900000009", "locale": "en"}
    door.post("/me/", extra)
    alice.refresh_from_db()
    assert not alice.is_staff and not alice.is_superuser and str(alice.phone) == "+8613800136027"


def test_the_security_centre_tells_what_happened_and_who_looked(door, alice):
    olivia = make_person("+8613700000009", is_staff=True)
    record_event(user=alice, kind="support.viewed", actor=olivia, details={"reason": "a call"})
    with translation.override("en"):
        page = door.get("/security/", headers={"accept-language": "en"}).content.decode()
    assert "Signed in" in page and "Support looked at your record" in page
    assert "This one" in page


def test_a_browser_can_be_forgotten_by_its_owner_alone(door, alice, bob):
    device = KnownDevice.objects.get(user=alice)
    path = f"/security/devices/{device.public_id}/forget/"
    assert path in door.get("/security/").content.decode()
    stranger = Client()
    stranger.force_login(bob)
    assert stranger.post(path).status_code == 404
    assert door.post(path).status_code == 302
    device.refresh_from_db()
    assert device.forgotten_at is not None


def test_signing_out_one_device_is_written_down_once_with_its_name(door, alice):
    phone = Client(headers={"user-agent": "Mozilla/5.0 (Android 15) Chrome/140"})
    try_password(phone, alice, LOGIN_PASSWORD)
    session = UserSession.objects.filter(user=alice).latest("pk")
    path = f"/security/devices/{session.public_id}/end/"
    for _press in range(2):
        assert door.post(path)["Location"] == "/security/"
    event = SecurityEvent.objects.get(user=alice, kind="session.ended")
    assert event.details == {"device": "Chrome · Android"}
    assert phone.get("/home/").status_code == 302
    page = door.get("/security/log/", headers={"accept-language": "en"}).content.decode()
    assert "A device was signed out" in page


def test_the_security_centre_shows_only_what_is_mine(door, bob):
    record_event(user=bob, kind="two_factor.off")
    page = door.get("/security/", headers={"accept-language": "en"}).content.decode()
    assert "Two-step sign-in switched off" not in page


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_pages_of_these_rooms_are_clean(door, language):
    spoken = {"accept-language": language}
    stranger = Client(headers=spoken)
    pages = [stranger.get(path) for path in ("/sign-in/", "/recover/login/")]
    pages += [try_password(stranger, "+8613800000000", f"wrong {n}") for n in range(5)]
    pages.append(stranger.get("/locked/"))
    pages += [door.get(path, headers=spoken) for path in ("/me/", "/security/", "/step-up/")]
    pages.append(give_fresh_proof(door, "wrong"))
    give_fresh_proof(door, LOGIN_PASSWORD)
    pages.append(door.get("/security/two-factor/", headers=spoken))
    pages.append(door.get("/security/login-password/", headers=spoken))
    pages.append(door.post("/security/two-factor/begin/", follow=True, headers=spoken))
    pages.append(door.post("/security/two-factor/confirm/", {"code": "1"}, headers=spoken))
    for page in pages:
        assert page.status_code in {200, 403, 422}
        assert_page_is_clean(page.content.decode())
