"""A number that went to somebody else: what the new holder gets, what a thief does not."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.caution.selectors import caution_of
from accounts.changes.models import Change
from accounts.phone.models import SmsCode
from accounts.phone_change.models import PhoneChange
from accounts.phone_change.services import carry_out_due
from accounts.recycled.models import FormerNumber, NumberClaim, NumberWalk
from accounts.recycled.services import forget_over, free_due
from accounts.recycled.states import ClaimState
from accounts.security.models import UserSession
from accounts.signin.tests.doors import try_password
from accounts.signup.people import create_customer
from accounts.users.models import User
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    make_customer,
    make_phone,
    read_code,
    read_sms,
)
from tests.limits import PLENTY, with_limits
from tests.pages import assert_page_is_clean
from tests.race import all_at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
ENGLISH = {"accept-language": "en"}
WAIT = timedelta(days=14, minutes=1)


def browser() -> Client:
    return Client(headers=ENGLISH)


def claim(phone: str) -> tuple[Client, str]:
    """Somebody who holds this phone asks for its number; their browser and what the page says."""
    SmsCode.objects.filter(phone=phone).delete()
    client = browser()
    assert client.post("/number/", {"phone": phone})["Location"] == "/number/code/"
    answer = client.post("/number/code/", {"code": read_code(phone)})
    assert answer["Location"] == "/number/state/"
    page = client.get("/number/state/").content.decode()
    assert_page_is_clean(page)
    return client, page


def signed_in(user: User) -> Client:
    client = browser()
    try_password(client, user, LOGIN_PASSWORD)
    UserSession.objects.filter(user=user, ended_at=None).update(proved_at=timezone.now())
    return client


def former(phone: str, password: str = LOGIN_PASSWORD) -> tuple[Client, Any]:
    client = browser()
    return client, client.post("/former-number/", {"phone": phone, "password": password})


def test_the_new_holder_gets_the_number_after_two_weeks_and_nothing_else(alice: User) -> None:
    phone = str(alice.phone)
    holder, page = claim(phone)
    assert "You have asked for the number" in page
    # Nothing of hers is shown or opened: neither a name nor a page behind the door.
    assert "陈" not in page
    assert holder.get("/home/")["Location"].startswith("/sign-in/")
    assert free_due() == 0
    with time_machine.travel(timezone.now() + WAIT, tick=False):
        assert free_due() == 1
        assert free_due() == 0
        _holder, page = claim(phone)
        assert "The number is free" in page
        theirs = create_customer(
            phone=phone, login_password=LOGIN_PASSWORD + "x", payment_password=PAYMENT_PASSWORD
        )
    alice.refresh_from_db()
    assert not alice.has_phone and theirs.pk != alice.pk
    assert alice.payment_password.pk != theirs.payment_password.pk


def test_the_owner_is_told_in_every_browser_and_not_by_text_message(alice: User) -> None:
    phone = str(alice.phone)
    here, there = signed_in(alice), signed_in(alice)
    claim(phone)
    for client in (here, there):
        page = client.get("/security/").content.decode()
        assert "Is your phone number still yours?" in page and "Is it still yours?" in page
    # What went to the number was the code for who holds it, and nothing that could stop a wallet.
    change = Change.objects.get(user=alice, kind="number.claimed")
    assert change.told == [] and change.number not in read_sms(phone)


def test_the_owner_objects_and_keeps_the_number_and_claims_stop_for_a_while(alice: User) -> None:
    phone, owner = str(alice.phone), signed_in(alice)
    claim(phone)
    assert_page_is_clean(owner.get("/security/number/").content.decode())
    assert owner.post("/security/number/")["Location"] == "/security/"
    assert NumberClaim.objects.get().state == ClaimState.OBJECTED
    _thief, page = claim(phone)
    assert "The number is not free" in page
    with time_machine.travel(timezone.now() + WAIT, tick=False):
        assert free_due() == 0
    alice.refresh_from_db()
    assert str(alice.phone) == phone
    assert NumberClaim.objects.count() == 1


def test_objecting_takes_fresh_proof_and_is_the_owners_alone(alice: User, bob: User) -> None:
    claim(str(alice.phone))
    stranger = signed_in(bob)
    stranger.post("/security/number/")
    owner = signed_in(alice)
    UserSession.objects.filter(user=alice).update(proved_at=None)
    assert owner.post("/security/number/")["Location"].startswith("/step-up/")
    assert NumberClaim.objects.get().state == ClaimState.WAITING


def test_asking_is_counted_by_address_and_by_the_codes_it_costs_not_by_number(
    settings: Any,
) -> None:
    phone = make_phone()

    def ask(times: int) -> list[int]:
        return [
            Client(REMOTE_ADDR=f"198.51.100.{turn}").post("/number/", {"phone": phone}).status_code
            for turn in range(times)
        ]

    with_limits(settings, "sms.code", purpose=[(1, 0), (10, 3600)])
    assert ask(7) == [302] * 7
    with_limits(settings, "sms.code", purpose=[(1, 0), (8, 3600)])
    assert ask(2) == [302, 429]
    with_limits(settings, "number_claim", address=[(1, 3600)])
    said = [browser().post("/number/", {"phone": make_phone()}).status_code for _turn in range(2)]
    assert said == [302, 429]


def test_an_owner_with_another_number_frees_the_old_one_at_once(alice: User) -> None:
    phone = str(alice.phone)
    holder, _page = claim(phone)
    User.objects.filter(pk=alice.pk).update(phone=make_phone())
    assert "The number is free" in holder.get("/number/state/").content.decode()
    with time_machine.travel(timezone.now() + WAIT, tick=False):
        assert free_due() == 0
    assert NumberClaim.objects.get().state == ClaimState.MOVED


def test_who_lost_the_number_comes_back_by_a_door_of_their_own_with_everything(
    alice: User,
) -> None:
    phone, other = str(alice.phone), signed_in(alice)
    claim(phone)
    with time_machine.travel(timezone.now() + WAIT, tick=False) as clock:
        free_due()
        assert other.get("/home/")["Location"].startswith("/sign-in/")
        make_customer(phone=phone, password="another river 31")
        # At the usual door the number is the name of its new holder.
        assert try_password(browser(), phone, LOGIN_PASSWORD).status_code == 422
        client, answer = former(phone)
        assert answer["Location"] == "/security/phone/"
        alice.refresh_from_db()
        assert caution_of(alice) is not None
        page = client.get("/security/").content.decode()
        assert_page_is_clean(page)
        assert "Give yourself a phone number" in page
        client.post("/step-up/", {"password": LOGIN_PASSWORD})
        assert_page_is_clean(client.get("/security/phone/").content.decode())
        new = make_phone()
        answer = client.post("/security/phone/", {"phone": new})
        assert answer["Location"] == "/security/phone/person/"
        PhoneChange.objects.update(person_proved_at=timezone.now())
        walk = PhoneChange.objects.get()
        PhoneChange.objects.filter(pk=walk.pk).update(
            state="waiting", takes_effect_at=timezone.now()
        )
        clock.shift(timedelta(seconds=1))
        assert carry_out_due() == 1
        alice.refresh_from_db()
        assert str(alice.phone) == new
        assert former(phone)[1].status_code == 422
        assert try_password(browser(), new, LOGIN_PASSWORD).status_code == 302


def test_a_thief_of_the_number_gets_nothing_out_of_it(alice: User, settings: Any) -> None:
    """Sign-up, recovery, the claim, the former door, and the notices: none opens the wallet."""
    with_limits(settings, "sms.code", address=PLENTY, number=PLENTY, purpose=[(10_000, 3600)])
    phone = str(alice.phone)
    thief, _page = claim(phone)
    person = {"phone": phone, "agree": "on"}
    thief.post("/open/phone/", person)
    thief.post(
        "/open/passwords/",
        {
            "payment_password": OTHER_PAYMENT_PASSWORD,
            "payment_password_again": OTHER_PAYMENT_PASSWORD,
            "login_password": "a thief was here 1",
        },
    )
    assert "My number is new" in read_sms(phone)
    assert thief.post("/open/code/", {"code": "123456"}).status_code == 422
    thief.post("/recover/login/", {"phone": phone})
    thief.post("/recover/login/code/", {"code": read_code(phone)})
    assert thief.post("/recover/login/identity/", {"digits": "123456"}).status_code == 422
    assert former(phone, "a thief was here 1")[1].status_code == 422
    assert former(phone, LOGIN_PASSWORD)[1].status_code == 422  # hers, but she has the number
    assert thief.get("/home/")["Location"].startswith("/sign-in/")
    assert User.objects.count() == 1
    alice.refresh_from_db()
    assert str(alice.phone) == phone and alice.check_password(LOGIN_PASSWORD)


def test_every_number_gets_the_same_answers_until_the_phone_is_proved(alice: User) -> None:
    said = []
    for phone in (str(alice.phone), make_phone()):
        client = browser()
        start = client.post("/number/", {"phone": phone})
        page = client.get("/number/code/").content.decode()
        wrong = client.post("/number/code/", {"code": "000000"})
        early = client.get("/number/state/")
        door = former(phone, "not the password")[1]
        said.append(
            (
                start.status_code, start["Location"], len(page) // 100, wrong.status_code,
                early.status_code, early["Location"], door.status_code, read_sms(phone)[-40:],
            )
        )  # fmt: skip
    assert said[0] == said[1]
    assert NumberClaim.objects.count() == 0


def test_a_free_number_and_staff_are_not_claimed(olivia: User) -> None:
    assert "The number is free" in claim(make_phone())[1]
    assert "The number is not free" in claim(str(olivia.phone))[1]
    assert NumberClaim.objects.count() == 0


def test_wrong_passwords_at_the_former_door_pause_it(alice: User) -> None:
    claim(str(alice.phone))
    NumberClaim.objects.update(frees_at=timezone.now())
    phone, own = str(alice.phone), signed_in(alice)
    free_due()
    for _try in range(5):
        assert former(phone, "wrong wrong 1")[1].status_code == 422
    assert former(phone)[1].status_code == 422
    # Strangers shut it for strangers, never for a browser of hers.
    facts = {"phone": phone, "password": LOGIN_PASSWORD}
    assert own.post("/former-number/", facts)["Location"] == "/security/phone/"
    with time_machine.travel(timezone.now() + timedelta(minutes=16), tick=False):
        assert former(phone)[1]["Location"] == "/security/phone/"


def test_what_nothing_is_decided_by_any_more_is_deleted(alice: User) -> None:
    claim(str(alice.phone))
    NumberClaim.objects.update(frees_at=timezone.now())
    assert free_due() == 1
    assert FormerNumber.objects.count() == 1
    with time_machine.travel(timezone.now() + timedelta(days=91), tick=False):
        assert forget_over() == 2
        assert FormerNumber.objects.count() == 1 and NumberWalk.objects.count() == 0
        assert NumberClaim.objects.get().phone == ""
        User.objects.filter(pk=alice.pk).update(phone=make_phone())
        assert forget_over() == 1
    assert FormerNumber.objects.count() == 0


@pytest.mark.django_db(transaction=True)
def test_freed_once_by_many_sweeps_at_once(alice: User) -> None:
    claim(str(alice.phone))
    NumberClaim.objects.update(frees_at=timezone.now())
    freed = all_at_once(5, lambda _number: free_due())
    assert [each for each in freed if each] == [1]
