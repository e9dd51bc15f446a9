"""A change of phone: with the old phone, without it, against thieves, once."""

from __future__ import annotations

from base64 import b32encode
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.caution.selectors import caution_of
from accounts.changes.models import Change
from accounts.changes.services import undo_change
from accounts.factors.models import Authenticator
from accounts.factors.selectors import has_settled_factor
from accounts.factors.services import begin_enrolment, confirm_enrolment
from accounts.identity.models import Identity
from accounts.identity.vault import decrypt
from accounts.payment_password.selectors import payment_password_state
from accounts.payment_password.services import change_payment_password
from accounts.phone.models import SmsCode
from accounts.phone_change import services
from accounts.phone_change.models import PhoneChange
from accounts.phone_change.states import PhoneChangeState
from accounts.security.models import UserSession
from accounts.signin.tests.doors import app_code, try_password
from accounts.users.models import User
from tests.cast import (
    LOGIN_PASSWORD,
    OTHER_PAYMENT_PASSWORD,
    PAYMENT_PASSWORD,
    read_code,
    read_sms,
)
from tests.pages import assert_page_is_clean
from tests.race import all_at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
NEW = "+8613900139123"


def signed_in(user: User) -> Client:
    client = Client()
    try_password(client, user, LOGIN_PASSWORD)
    UserSession.objects.filter(user=user, ended_at=None).update(proved_at=timezone.now())
    return client


def ask(client: Client, way: str, phone: str = NEW) -> Any:
    return client.post("/security/phone/", {"phone": phone, "old_phone": way})


def send(client: Client, step: str, phone: str) -> Any:
    return client.post(f"/security/phone/{step}/", {"code": read_code(phone)})


def prove_person(client: Client, user: User, pin: str = PAYMENT_PASSWORD) -> Any:
    digits = decrypt(Identity.objects.get(user=user).id_number_encrypted)[-6:]
    fields = {"payment_password": pin, "id_digits": digits}
    return client.post("/security/phone/person/", fields)


def phone_of(user: User) -> str:
    return str(User.objects.get(pk=user.pk).phone)


def test_with_the_old_phone_it_is_changed_at_once(alice: User) -> None:
    old = str(alice.phone)
    other = signed_in(alice)
    client = signed_in(alice)
    assert ask(client, "with")["Location"] == "/security/phone/old/"
    assert send(client, "old", old)["Location"] == "/security/phone/new/"
    assert phone_of(alice) == old
    SmsCode.objects.filter(phone=old).delete()
    assert send(client, "new", NEW)["Location"] == "/security/"
    assert phone_of(alice) == NEW
    assert client.get("/security/").status_code == 200
    assert other.get("/home/").status_code == 302
    caution = caution_of(alice)
    assert caution is not None
    assert caution.why == "phone_changed"
    number = Change.objects.get(kind="phone.changed").number
    assert number in read_sms(old)
    assert number in read_sms(NEW)


def test_without_the_old_phone_it_waits_a_day_and_the_old_phone_can_stop_it(alice: User) -> None:
    old = str(alice.phone)
    client = signed_in(alice)
    assert ask(client, "without")["Location"] == "/security/phone/person/"
    assert prove_person(client, alice, OTHER_PAYMENT_PASSWORD).status_code == 422
    assert prove_person(client, alice)["Location"] == "/security/phone/new/"
    SmsCode.objects.filter(phone=old).delete()
    assert send(client, "new", NEW)["Location"] == "/security/phone/"
    assert phone_of(alice) == old
    assert services.carry_out_due() == 0
    change = Change.objects.get(kind="phone.change_asked")
    assert change.number in read_sms(old)
    undo_change(change=change)
    PhoneChange.objects.update(takes_effect_at=timezone.now() - timedelta(seconds=1))
    assert services.carry_out_due() == 0
    assert phone_of(alice) == old


@pytest.mark.django_db(transaction=True)
def test_after_the_day_it_is_carried_out_once(alice: User) -> None:
    client = signed_in(alice)
    ask(client, "without")
    prove_person(client, alice)
    send(client, "new", NEW)
    PhoneChange.objects.update(takes_effect_at=timezone.now() - timedelta(seconds=1))
    assert sorted(all_at_once(4, lambda _number: services.carry_out_due())) == [0, 0, 0, 1]  # type: ignore[type-var]
    assert phone_of(alice) == NEW
    # The old phone may be a thief's: it is told, and gets nothing back.
    assert not Change.objects.get(kind="phone.changed").may_be_undone
    assert client.get("/home/").status_code == 302


@pytest.mark.parametrize(("age_days", "is_changed"), [(2, True), (0, False)])
def test_only_a_factor_that_was_there_a_day_ago_stands_for_the_old_phone(
    alice: User, age_days: int, is_changed: object
) -> None:
    draft = begin_enrolment(user=alice)
    confirm_enrolment(user=alice, code=app_code(b32encode(draft.key()).decode()))
    Authenticator.objects.update(created_at=timezone.now() - timedelta(days=age_days))
    walk = services.start_phone_change(
        user=alice, phone=NEW, has_old_phone=False, session_key="s", address="10.0.0.1"
    )
    digits = decrypt(Identity.objects.get(user=alice).id_number_encrypted)[-6:]
    services.prove_person(
        walk=walk, payment_password=PAYMENT_PASSWORD, id_digits=digits, session_key="s",
        address="10.0.0.1",
    )  # fmt: skip
    services.prove_new_phone(walk=walk, code=read_code(NEW), session_key="s", address="10.0.0.1")
    assert (phone_of(alice) == NEW) is is_changed


def test_an_old_draft_of_a_factor_is_a_new_factor(alice: User) -> None:
    draft = begin_enrolment(user=alice)
    Authenticator.objects.update(created_at=timezone.now() - timedelta(days=9))
    confirm_enrolment(user=alice, code=app_code(b32encode(draft.key()).decode()))
    assert not has_settled_factor(alice)
    assert Change.objects.filter(user=alice, kind="two_factor.on").exists()


def test_the_last_step_takes_proof_that_is_still_fresh_and_loses_nothing(alice: User) -> None:
    client, old = signed_in(alice), str(alice.phone)
    ask(client, "with")
    send(client, "old", old)
    too_old = timezone.now() - timedelta(minutes=5, seconds=1)
    UserSession.objects.filter(user=alice, ended_at=None).update(proved_at=too_old)
    answer = send(client, "new", NEW)
    assert answer["Location"] == "/step-up/?next=%2Fsecurity%2Fphone%2Fnew%2F"
    assert phone_of(alice) == old
    proof = {"password": LOGIN_PASSWORD, "next": "/security/phone/new/"}
    assert client.post("/step-up/", proof)["Location"] == "/security/phone/new/"
    assert client.get("/security/phone/new/").status_code == 200
    # The same code: it was not looked at before.
    assert send(client, "new", NEW)["Location"] == "/security/"
    assert phone_of(alice) == NEW


def test_wrong_answers_pause_it_with_words_and_time_of_their_own(alice: User) -> None:
    client = signed_in(alice)
    ask(client, "without")
    wrong = {"payment_password": PAYMENT_PASSWORD, "id_digits": "000000"}
    for _number in range(5):
        assert client.post("/security/phone/person/", wrong).status_code == 422
    answer = client.post("/security/phone/person/", wrong, headers={"accept-language": "en"})
    assert answer.status_code == 429 and 0 < int(answer["Retry-After"]) <= 15 * 60 + 1
    page = answer.content.decode()
    assert_page_is_clean(page)
    assert "Your answers are paused" in page and "You can try again from" in page
    assert prove_person(client, alice).status_code == 429


def test_fresh_proof_comes_first_and_no_step_is_skipped(alice: User) -> None:
    client = Client()
    try_password(client, alice, LOGIN_PASSWORD)
    assert ask(client, "with")["Location"].startswith("/step-up/")
    for step in ("old", "person", "new"):
        assert client.get(f"/security/phone/{step}/")["Location"] == "/security/phone/"
        answer = client.post(f"/security/phone/{step}/", {"code": "123456"})
        # The last one looks at nothing without fresh proof.
        door = (
            "/step-up/?next=%2Fsecurity%2Fphone%2Fnew%2F" if step == "new" else "/security/phone/"
        )
        assert answer["Location"] == door
    client = signed_in(alice)
    ask(client, "with")
    assert client.get("/security/phone/new/")["Location"] == "/security/phone/"
    assert client.get("/security/phone/person/")["Location"] == "/security/phone/"
    assert Client().get("/security/phone/").status_code == 302
    assert phone_of(alice) == str(alice.phone)


def test_a_number_that_has_a_wallet_is_answered_alike_and_never_taken(
    alice: User, bob: User
) -> None:
    client = signed_in(alice)
    assert ask(client, "with", str(bob.phone))["Location"] == "/security/phone/old/"
    assert send(client, "old", str(alice.phone))["Location"] == "/security/phone/new/"
    assert client.get("/security/phone/new/").status_code == 200
    sms = SmsCode.objects.filter(phone=str(bob.phone)).latest("pk")
    assert sms.message == services.TAKEN
    assert client.post("/security/phone/new/", {"code": "123456"}).status_code == 422
    assert phone_of(alice) == str(alice.phone)
    assert phone_of(bob) == str(bob.phone)


def test_a_number_that_was_taken_meanwhile_changes_nothing(alice: User, bob: User) -> None:
    client = signed_in(alice)
    ask(client, "with")
    send(client, "old", str(alice.phone))
    User.objects.filter(pk=bob.pk).update(phone=NEW)
    assert send(client, "new", NEW).status_code == 422
    assert phone_of(alice) == str(alice.phone)
    assert not Change.objects.filter(kind="phone.changed").exists()


def test_the_old_phone_takes_the_change_back(alice: User) -> None:
    old = str(alice.phone)
    client = signed_in(alice)
    ask(client, "with")
    send(client, "old", old)
    send(client, "new", NEW)
    undo_change(change=Change.objects.get(kind="phone.changed"))
    assert phone_of(alice) == old
    assert client.get("/home/").status_code == 302


def test_the_owner_stops_what_waits(alice: User) -> None:
    client = signed_in(alice)
    ask(client, "without")
    prove_person(client, alice)
    send(client, "new", NEW)
    assert "139 **** 9123" in client.get("/security/phone/").content.decode()
    client.post("/security/phone/stop/")
    assert PhoneChange.objects.get().state == PhoneChangeState.STOPPED
    PhoneChange.objects.update(takes_effect_at=timezone.now() - timedelta(seconds=1))
    assert services.carry_out_due() == 0
    assert phone_of(alice) == str(alice.phone)


def test_the_number_one_has_is_no_new_one(alice: User) -> None:
    assert ask(signed_in(alice), "with", str(alice.phone)).status_code == 422


@pytest.mark.django_db(transaction=True)
def test_a_payment_password_that_the_new_number_ends_with_is_asked_for_anew(alice: User) -> None:
    number = f"+8613901{PAYMENT_PASSWORD}"
    client = signed_in(alice)
    ask(client, "with", number)
    send(client, "old", str(alice.phone))
    assert send(client, "new", number)["Location"] == "/security/payment-password/"
    english = {"accept-language": "en"}
    page = client.get("/security/", headers=english).content.decode()
    assert "Choose another payment password" in page
    change_payment_password(
        user=User.objects.get(pk=alice.pk), old=PAYMENT_PASSWORD, new=OTHER_PAYMENT_PASSWORD
    )
    assert not payment_password_state(alice).is_outgrown
