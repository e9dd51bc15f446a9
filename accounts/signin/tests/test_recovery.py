"""A forgotten login password: who gets a new one, and what strangers learn."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.caution.services import begin_caution
from accounts.identity.selectors import masked_id_number
from accounts.identity.trying import Source, take_id_try
from accounts.payment_password.services import check_payment_password
from accounts.phone.models import SmsCode
from accounts.security.models import SecurityEvent
from accounts.security.tries import TriesLocked
from accounts.signin.selectors import sign_in_lock_state
from accounts.signin.tests.doors import try_password
from tests.cast import (
    LOGIN_PASSWORD,
    PAYMENT_PASSWORD,
    make_customer,
    make_id_number,
    read_code,
    read_sms,
)
from tests.pages import assert_page_is_clean

pytestmark = pytest.mark.django_db
NEW = "a much better secret 42"
CODE, IDENTITY, PASSWORD = (f"/recover/login/{step}/" for step in ("code", "identity", "password"))


@pytest.fixture
def id_number():
    return make_id_number()


@pytest.fixture
def person(id_number, phones):
    return make_customer("陈思远", phone="+8613800136027", id_number=id_number)


def walk(browser, person, digits):
    """The whole walk up to the new password; the last answer."""
    browser.post("/recover/login/", {"phone": str(person.phone)})
    browser.post(CODE, {"code": read_code(str(person.phone))})
    return browser.post(IDENTITY, {"digits": digits})


def test_phone_code_and_id_digits_lead_to_a_new_password(client, person, id_number):
    signed_in = Client()
    try_password(signed_in, person, LOGIN_PASSWORD)
    for number in range(5):
        try_password(Client(), person, f"wrong {number}")
    assert sign_in_lock_state(person).is_locked
    assert walk(client, person, id_number[-6:])["Location"] == PASSWORD
    response = client.post(PASSWORD, {"new": NEW, "again": NEW}, follow=True)
    assert response.redirect_chain[-1][0] == "/sign-in/"
    assert signed_in.get("/security/")["Location"].startswith("/sign-in/")
    assert not sign_in_lock_state(person).is_locked
    assert try_password(Client(), person, LOGIN_PASSWORD).status_code == 422
    # Strangers who go on shut their own door, not that of the browser that proved itself.
    for number in range(4):
        try_password(Client(), person, f"wrong again {number}")
    assert try_password(Client(), person, NEW).status_code == 403
    assert try_password(client, person, NEW).status_code == 302
    assert SecurityEvent.objects.filter(user=person, kind="login_password.reset").exists()
    assert masked_id_number(person) not in response.content.decode()


def test_an_unknown_number_gets_the_same_pages_and_no_code(client, person):
    known = client.post("/recover/login/", {"phone": str(person.phone)})
    stranger = Client()
    unknown = stranger.post("/recover/login/", {"phone": "+8613900000001"})
    assert known["Location"] == unknown["Location"] == CODE
    pages = [browser.get(CODE) for browser in (client, stranger)]
    assert pages[0].status_code == pages[1].status_code == 200
    assert _text(pages[0]) == _text(pages[1])
    assert read_code(str(person.phone)) and not read_code("+8613900000001")
    assert read_sms("+8613900000001")
    wrong = [browser.post(CODE, {"code": "000000"}) for browser in (client, stranger)]
    assert [answer.status_code for answer in wrong] == [422, 422]
    assert _text(wrong[0]) == _text(wrong[1])


def test_steps_cannot_be_skipped_or_posted_alone(client, person):
    for path in (CODE, IDENTITY, PASSWORD):
        assert client.get(path)["Location"] == "/recover/login/"
        assert client.post(path, {"new": NEW, "again": NEW})["Location"] == "/recover/login/"
    client.post("/recover/login/", {"phone": str(person.phone)})
    for path in (IDENTITY, PASSWORD):
        assert client.post(path, {"new": NEW, "again": NEW})["Location"] == "/recover/login/"


def test_the_phone_alone_is_not_enough_and_guessing_digits_stops(client, person, id_number):
    answers = [walk(client, person, "000000").status_code]
    answers += [client.post(IDENTITY, {"digits": "111111"}).status_code for _n in range(5)]
    assert answers == [422] * 5 + [429]
    stopped = client.post(IDENTITY, {"digits": id_number[-6:]}, headers={"accept-language": "en"})
    assert stopped.status_code == 429 and 0 < int(stopped["Retry-After"]) <= 15 * 60 + 1
    page = stopped.content.decode()
    assert_page_is_clean(page)
    assert "The end of your ID number is paused" in page and "Your passwords are unchanged" in page
    assert "Signing in is paused" not in page and "/support/contact/" in page
    assert client.get(PASSWORD)["Location"] == "/recover/login/"
    # A thief of the number does not keep its owner, signed in elsewhere, from leaving the number.
    take_id_try(user=person, source=Source.SIGNED_IN)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _again in range(10):
            clock.shift(timedelta(hours=1, seconds=1))
            with suppress(TriesLocked):
                take_id_try(user=person, source=Source.PHONE)
                take_id_try(user=person, source=Source.PHONE)
                take_id_try(user=person, source=Source.PHONE)
        clock.shift(timedelta(hours=2))
        with pytest.raises(TriesLocked):
            take_id_try(user=person, source=Source.PHONE)


def test_weak_personal_and_different_passwords_are_refused_by_name(client, person, id_number):
    walk(client, person, id_number[-6:])
    for new, again in [("short", "short"), ("password", "password"), (NEW, NEW + "x")]:
        assert client.post(PASSWORD, {"new": new, "again": again}).status_code == 422
    for new in ("13800136027", id_number):
        assert client.post(PASSWORD, {"new": new, "again": new}).status_code == 422


def test_the_new_password_is_set_once(client, person, id_number):
    walk(client, person, id_number[-6:])
    kept = client.cookies["wallet"].value
    client.post(PASSWORD, {"new": NEW, "again": NEW})
    thief = Client()
    thief.cookies["wallet"] = kept
    again = thief.post(PASSWORD, {"new": "another secret 77", "again": "another secret 77"})
    assert again["Location"] == "/recover/login/"
    assert try_password(Client(), person, NEW).status_code == 302


def test_a_number_that_is_none_is_refused_by_name(client, phones):
    for phone in ("12", "abc", "\x00", "+16502530000", "x" * 200):
        assert client.post("/recover/login/", {"phone": phone}).status_code == 422


def _text(response):
    lines = response.content.decode().splitlines()
    skip = ("csrf", "****", "data-seconds", "data-until", "/codes/")
    return [line for line in lines if not any(word in line for word in skip)]


@pytest.fixture
def by_phone_alone(phones):
    return make_customer(phone="+8613800136027", id_number="")


def test_a_code_alone_opens_nothing_also_without_an_id_number(client, by_phone_alone):
    user = by_phone_alone
    client.post("/recover/login/", {"phone": str(user.phone)})
    assert client.post(CODE, {"code": read_code(str(user.phone))})["Location"] == IDENTITY
    page = client.get(IDENTITY).content.decode()
    assert 'name="payment_password"' in page and 'name="digits"' not in page
    assert client.post(IDENTITY, {"payment_password": PAYMENT_PASSWORD})["Location"] == PASSWORD
    assert client.post(PASSWORD, {"new": NEW, "again": NEW})["Location"] == "/sign-in/"
    assert try_password(Client(), user, NEW).status_code == 302
    # Somebody with the phone alone does not get to the new password by its address.
    thief = Client()
    SmsCode.objects.all().delete()
    thief.post("/recover/login/", {"phone": str(user.phone)})
    thief.post(CODE, {"code": read_code(str(user.phone))})
    assert thief.post(PASSWORD, {"new": NEW, "again": NEW})["Location"] == "/recover/login/"


def test_who_has_the_number_alone_guesses_three_times_a_day(client, by_phone_alone):
    user = by_phone_alone
    client.post("/recover/login/", {"phone": str(user.phone)})
    client.post(CODE, {"code": read_code(str(user.phone))})
    said = [client.post(IDENTITY, {"payment_password": f"48{n}915"}).status_code for n in range(4)]
    assert said == [422, 422, 422, 429]
    # The owner's payments are not locked by that.
    check_payment_password(user=user, raw=PAYMENT_PASSWORD)


def test_while_the_number_is_new_both_are_asked_for(client, person, id_number):
    begin_caution(user=person, why="phone_changed")
    assert walk(client, person, id_number[-6:]).status_code == 422
    wrong = {"digits": id_number[-6:], "payment_password": "481915"}
    assert client.post(IDENTITY, wrong).status_code == 422
    right = {"digits": id_number[-6:], "payment_password": PAYMENT_PASSWORD}
    assert client.post(IDENTITY, right)["Location"] == PASSWORD
