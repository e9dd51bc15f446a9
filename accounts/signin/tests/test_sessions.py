"""How long a session lives, what ends it, and where the door leads."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.contrib.auth.hashers import make_password
from django.core.management import CommandError, call_command
from django.db import connection
from django.test import Client, RequestFactory
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from accounts.factors.removing import switch_off
from accounts.factors.services import enrol_authenticator
from accounts.security.models import UserSession
from accounts.security.redirects import safe_next
from accounts.signin.services import reset_login_password
from accounts.signin.tasks import clear_sessions
from accounts.signin.tests.doors import (
    PASSWORD,
    app_code,
    give_fresh_proof,
    make_person,
    sign_in_staff,
    try_password,
)

pytestmark = pytest.mark.django_db
PAGE = "/security/login-password/"
NEW = "a much better secret 42"

OFF_HOST = [
    "http://evil.example", "https://evil.example/", "//evil.example", "///evil.example",
    "////evil.example", "/\\evil.example", "\\\\evil.example", "\\/evil.example",
    "/%09/evil.example\t", "/\t/evil.example", "\t//evil.example", " //evil.example",
    "http:evil.example", "http:/evil.example", "https:///evil.example", "//evil.example@testserver",
    "http://testserver@evil.example", "http://testserver.evil.example", "javascript:alert(1)",
    "JaVaScRiPt:alert(1)", "data:text/html,x", "vbscript:x", "ftp://evil.example",
    "/home/\r\nSet-Cookie: a=b", "/home/\nLocation: http://evil.example", "\x00//evil.example",
    "//[::1]/", "http://[::1]:80", "https:evil.example", "/\u2028/evil.example", "evil.example",
]  # fmt: skip


@pytest.mark.once
@pytest.mark.parametrize("payload", OFF_HOST)
def test_next_never_leads_off_this_host(client, payload):
    user = make_person()
    data = {"phone": str(user.phone), "password": PASSWORD, "next": payload}
    response = client.post("/sign-in/", data)
    assert response.status_code == 302
    assert response["Location"] == "/home/"
    asked = client.get("/sign-in/", {"next": payload})
    assert asked.status_code == 400 or asked["Location"] == "/home/"
    assert "Set-Cookie: a=b" not in str(response.headers)


def test_next_leads_back_to_the_page_somebody_came_from(client):
    assert len(OFF_HOST) == 31
    user = make_person()
    asked = client.get("/security/login-password/?a=1")
    assert asked["Location"] == "/sign-in/?next=/security/login-password/%3Fa%3D1"
    page = client.get(asked["Location"]).content.decode()
    assert 'name="next" value="/security/login-password/?a=1"' in page
    data = {"phone": str(user.phone), "password": PASSWORD, "next": "/security/?a=1"}
    assert client.post("/sign-in/", data)["Location"] == "/security/?a=1"
    assert safe_next(RequestFactory().get("/"), "/" + "a" * 600) == ""


def test_every_sign_in_gives_the_session_a_new_key(client):
    user = make_person()
    client.get("/sign-in/")
    session = client.session
    session["planted"] = "by an attacker"
    session.save()
    planted = session.session_key
    client.cookies["wallet"] = planted
    try_password(client, user)
    first = client.session.session_key
    assert first != planted and not client.session.exists(planted)
    try_password(client, user)
    assert client.session.session_key != first and not client.session.exists(first)


def test_signing_out_needs_a_post_and_a_kept_cookie_is_dead(client):
    user = make_person()
    try_password(client, user)
    kept = client.cookies["wallet"].value
    assert client.get("/sign-out/").status_code == 405
    response = client.post("/sign-out/")
    assert response["Clear-Site-Data"] == '"cache", "storage"'
    thief = Client()
    thief.cookies["wallet"] = kept
    assert thief.get(PAGE)["Location"].startswith("/sign-in/")


def test_signed_in_pages_are_not_kept_by_the_browser(client):
    user = make_person()
    try_password(client, user)
    for path in ("/step-up/", "/sign-in/verify/", PAGE):
        assert "no-store" in client.get(path)["Cache-Control"]


def test_a_customer_is_signed_out_after_fifteen_idle_minutes_and_told(client):
    user = make_person()
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        try_password(client, user)
        for _visit in range(3):
            clock.shift(timedelta(minutes=4))
            assert "/step-up/" in client.get(PAGE)["Location"]
        clock.shift(timedelta(minutes=15, seconds=1))
        assert client.get(PAGE)["Location"] == f"/sign-in/?next={PAGE}"
    assert client.session["signed_out_because"] == "idle"


def test_twelve_hours_are_the_most_whatever_somebody_does(client):
    user = make_person()
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        try_password(client, user)
        for _visit in range(179):
            clock.shift(timedelta(minutes=4))
            last = client.get(PAGE)["Location"]
        assert "/step-up/" in last
        clock.shift(timedelta(minutes=4, seconds=1))
        assert client.get(PAGE)["Location"].startswith("/sign-in/?next=")


def test_staff_are_signed_out_after_five_idle_minutes(client):
    olivia = make_person("+8613700000009", is_staff=True)
    now = timezone.now()
    with time_machine.travel(now, tick=False) as clock:
        sign_in_staff(client, olivia)
        assert "/step-up/" in client.get(PAGE)["Location"]
        clock.shift(timedelta(minutes=5, seconds=1))
        assert client.get(PAGE)["Location"].startswith("/sign-in/")


def test_a_changed_password_ends_every_other_session_and_renews_this_one(client):
    user = make_person()
    other = Client()
    for browser in (client, other):
        try_password(browser, user)
    give_fresh_proof(client)
    before = client.session.session_key
    wrong = client.post(PAGE, {"old": "not it", "new": NEW, "again": NEW})
    assert wrong.status_code == 422 and NEW not in wrong.content.decode()
    assert client.post(PAGE, {"old": PASSWORD, "new": NEW, "again": NEW}).status_code == 302
    assert client.session.session_key != before
    assert client.get(PAGE).status_code == 200
    assert other.get(PAGE)["Location"].startswith("/sign-in/")
    assert try_password(Client(), user).status_code == 422
    assert try_password(Client(), user, NEW).status_code == 302


def test_the_last_step_posted_alone_changes_nothing(client):
    user = make_person()
    try_password(client, user)
    response = client.post(PAGE, {"old": PASSWORD, "new": NEW, "again": NEW})
    assert response["Location"].startswith("/step-up/")
    assert try_password(Client(), user).status_code == 302


def test_fresh_proof_is_old_after_five_minutes(client):
    user = make_person()
    try_password(client, user)
    give_fresh_proof(client)
    assert client.get(PAGE).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=3)):
        assert client.get(PAGE).status_code == 200
    with time_machine.travel(timezone.now() + timedelta(minutes=5, seconds=2)):
        assert "/step-up/" in client.get(PAGE)["Location"]


def test_guessing_at_the_step_up_page_is_stopped_after_five(client):
    user = make_person()
    try_password(client, user)
    for _number in range(5):
        assert give_fresh_proof(client, "wrong").status_code == 422
    assert give_fresh_proof(client).status_code == 422
    assert "/step-up/" in client.get(PAGE)["Location"]


def test_a_reset_password_signs_everybody_out_and_ends_a_lock(client):
    user = make_person()
    try_password(client, user)
    for number in range(5):
        try_password(Client(), user, f"wrong {number}")
    reset_login_password(user=user, hashed=make_password(NEW), address="")
    assert client.get(PAGE)["Location"].startswith("/sign-in/")
    assert try_password(Client(), user, NEW).status_code == 302


def test_a_disabled_person_is_out_at_once(client):
    user = make_person()
    try_password(client, user)
    type(user).objects.filter(pk=user.pk).update(is_active=False)
    assert client.get(PAGE)["Location"].startswith("/sign-in/")


def test_other_devices_can_be_signed_out_but_only_ones_own(client):
    user, mallory = make_person(), make_person("+8613800136066")
    other, foreign = Client(), Client()
    for browser in (client, other):
        try_password(browser, user)
    try_password(foreign, mallory)
    theirs = UserSession.objects.get(user=mallory)
    assert client.post(f"/security/devices/{theirs.public_id}/end/").status_code == 404
    assert client.post("/security/devices/end-others/").status_code == 302
    assert other.get(PAGE)["Location"].startswith("/sign-in/")
    assert "/step-up/" in client.get(PAGE)["Location"]
    assert "/step-up/" in foreign.get(PAGE)["Location"]


@pytest.mark.parametrize("cookie", ["", "x", "a" * 4000, "../../etc", "%00", "é"])
def test_junk_cookies_and_a_key_in_the_address_open_nothing(client, cookie):
    client.cookies["wallet"] = cookie
    assert client.get(PAGE, {"wallet": cookie[:500]}).status_code == 302


def test_staff_without_a_second_factor_are_not_let_in_by_the_customers_door(client):
    olivia = make_person("+8613700000009", is_staff=True)
    assert try_password(client, olivia).status_code == 403
    assert "_auth_user_id" not in client.session


def test_staff_pass_the_second_step_and_a_session_without_it_is_thrown_out(client):
    olivia = make_person("+8613700000009", is_staff=True)
    secret = enrol_authenticator(user=olivia).secret
    assert try_password(client, olivia)["Location"] == "/sign-in/verify/"
    assert client.post("/sign-in/verify/", {"code": app_code(secret)}).status_code == 302
    assert "/step-up/" in client.get(PAGE)["Location"]
    smuggled = Client()
    smuggled.force_login(olivia)
    for path in (PAGE, "/admin/", "/help/"):
        assert smuggled.get(path)["Location"].startswith("/sign-in/")
        smuggled.force_login(olivia)
    switch_off(user=olivia)
    assert client.get(PAGE)["Location"].startswith("/sign-in/")


def test_sweeping_leaves_living_sessions_alone(client):
    user = make_person()
    try_password(client, user)
    clear_sessions()
    assert "/step-up/" in client.get(PAGE)["Location"]


def test_staff_are_enrolled_by_a_command_that_shows_the_key_once(client, capsys):
    olivia = make_person("+8613700000009", is_staff=True)
    call_command("enrol_staff", "13700000009")
    secret = capsys.readouterr().out.split("Key: ")[1].strip()
    try_password(client, olivia)
    assert client.post("/sign-in/verify/", {"code": app_code(secret)}).status_code == 302
    with pytest.raises(CommandError, match="already"):
        call_command("enrol_staff", "13700000009")
    customer = make_person()
    with pytest.raises(CommandError, match="No member of staff"):
        call_command("enrol_staff", str(customer.phone))


def test_looking_at_pages_does_not_write_the_session_each_time(client):
    user = make_person()
    try_password(client, user)
    client.get(PAGE)
    with CaptureQueriesContext(connection) as seen:
        client.get(PAGE)
    assert not [query for query in seen if not query["sql"].startswith("SELECT")]


def test_a_request_with_the_old_key_does_not_take_the_new_cookie_away(client):
    person = make_person()
    try_password(client, person)
    late = Client()
    late.cookies["wallet"] = client.cookies["wallet"].value
    give_fresh_proof(client)
    for path in ("/manifest.webmanifest", "/home/", "/"):
        assert "wallet" not in late.get(path).cookies, path
    assert client.get("/home/").status_code == 200
    client.post("/sign-out/")
    assert client.get("/home/").status_code == 302
