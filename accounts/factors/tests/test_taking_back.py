"""A second factor that somebody else has added goes within a day, by the phone and the person; what
was taken away does not come back by the phone."""

from __future__ import annotations

from base64 import b32encode
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.caution.selectors import caution_of
from accounts.changes import services as changes
from accounts.changes.errors import CannotUndo
from accounts.changes.models import Change, NotMeWalk
from accounts.factors.models import RecoveryCode
from accounts.factors.removing import remove_passkey, switch_off
from accounts.factors.selectors import get_authenticator, has_second_factor, list_passkeys
from accounts.factors.services import (
    begin_enrolment,
    confirm_enrolment,
    renew_recovery_codes,
    verify_second_factor,
)
from accounts.identity.trying import Source, take_id_try
from accounts.identity.vault import decrypt
from accounts.phone.models import SmsCode
from accounts.security.errors import Refusal
from accounts.security.models import SecurityEvent, UserSession
from accounts.security.tries import TriesLocked
from accounts.signin.tests.doors import app_code, give_fresh_proof, try_password
from accounts.users.models import User
from tests.authenticators import SoftAuthenticator, asked_in, give_passkey
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, make_customer, make_phone, read_code
from tests.pages import assert_page_is_clean
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
ENGLISH = {"accept-language": "en"}
ACT, UNDO = "/not-me/act/", "/not-me/undo/"


def browser() -> Client:
    return Client(headers=ENGLISH, SERVER_NAME="localhost")


def signed_in(user: User) -> Client:
    client = browser()
    try_password(client, user, LOGIN_PASSWORD)
    give_fresh_proof(client, LOGIN_PASSWORD)
    return client


def digits_of(user: User) -> str:
    return decrypt(user.identity.id_number_encrypted)[-6:]


def add_passkey(client: Client, key: SoftAuthenticator) -> Change:
    page = "/security/passkeys/add/"
    credential = key.create(asked_in(client.get(page).content.decode()))
    assert client.post(page, {"name": "x", "credential": credential}).status_code == 200
    return Change.objects.latest("pk")


def add_app(user: User) -> tuple[str, list[str]]:
    draft = begin_enrolment(user=user)
    secret = b32encode(draft.key()).decode()
    return secret, confirm_enrolment(user=user, code=app_code(secret))


def newest(user: User, kind: str) -> Change:
    return Change.objects.filter(user=user, kind=kind).latest("pk")


def not_me(change: Change, phone: str) -> Client:
    """Somebody who was told and holds the phone, in a browser of their own."""
    SmsCode.objects.all().delete()
    client = browser()
    client.post("/not-me/", {"number": change.number, "phone": phone})
    assert client.post("/not-me/code/", {"code": read_code(phone)})["Location"] == ACT
    return client


def knows(key: SoftAuthenticator) -> bool:
    """Whether the key signs somebody in."""
    client = browser()
    asked = asked_in(client.get("/sign-in/").content.decode())
    client.post("/sign-in/passkey/", {"credential": key.get(asked)})
    return client.get("/security/").status_code == 200


def test_a_passkey_of_a_thief_who_knows_the_password_goes_and_the_owner_is_in_again(
    alice: User,
) -> None:
    thief, key = signed_in(alice), SoftAuthenticator()
    change = add_passkey(thief, key)
    locked_out = try_password(browser(), alice, LOGIN_PASSWORD)
    assert locked_out["Location"] == "/sign-in/verify/"
    owner = not_me(change, str(alice.phone))
    owner.post("/not-me/stop/")
    assert knows(key)
    page = owner.get(ACT).content.decode()
    assert_page_is_clean(page)
    assert "The passkey that was added works no longer." in page
    assert 'name="digits"' in page
    answer = owner.post(UNDO, {"digits": digits_of(alice)})
    assert answer["Location"] == ACT
    assert not knows(key)
    assert not has_second_factor(alice)
    assert not RecoveryCode.objects.filter(user=alice).exists()
    assert not UserSession.objects.filter(user=alice, ended_at=None).exists()
    assert caution_of(alice) is not None
    told = SmsCode.objects.filter(phone=str(alice.phone), message="change_undone")
    assert told.count() == 1
    assert try_password(browser(), alice, LOGIN_PASSWORD)["Location"] != "/sign-in/verify/"


def test_the_page_of_the_second_step_leads_to_saying_that_it_was_not_me(alice: User) -> None:
    give_passkey(alice, SoftAuthenticator())
    owner = browser()
    try_password(owner, alice, LOGIN_PASSWORD)
    page = owner.get("/sign-in/verify/").content.decode()
    assert_page_is_clean(page)
    assert 'href="/not-me/"' in page


def test_that_it_was_taken_back_is_said_on_every_device(alice: User) -> None:
    give_passkey(alice, SoftAuthenticator())
    not_me(newest(alice, "passkey.added"), str(alice.phone)).post(
        UNDO, {"digits": digits_of(alice)}
    )
    for _device in range(2):
        owner = browser()
        try_password(owner, alice, LOGIN_PASSWORD)
        assert "A change was taken back" in owner.get("/home/").content.decode()


def test_the_phone_alone_takes_no_factor_away(alice: User) -> None:
    add_app(alice)
    thief = not_me(newest(alice, "two_factor.on"), str(alice.phone))
    for given in ({}, {"digits": ""}, {"digits": "000000"}, {"payment_password": "402867"}):
        assert thief.post(UNDO, given).status_code == 422
    assert has_second_factor(alice)
    assert SecurityEvent.objects.filter(user=alice, kind="change.undo_refused").exists()
    assert thief.get(UNDO)["Location"] == ACT
    walk = NotMeWalk.objects.latest("pk")
    with pytest.raises(CannotUndo):
        changes.undo_by_walk(walk=walk, address="")


def test_the_digits_are_guessed_on_the_count_of_all_pages_that_ask_for_them(alice: User) -> None:
    add_app(alice)
    thief = not_me(newest(alice, "two_factor.on"), str(alice.phone))
    for _guess in range(5):
        thief.post(UNDO, {"digits": "000000"})
    page = thief.post(UNDO, {"digits": digits_of(alice)})
    assert page.status_code == 429
    assert "is paused; your money is safe" in page.content.decode()
    assert has_second_factor(alice)
    with pytest.raises(TriesLocked):
        take_id_try(user=alice, source=Source.PHONE)


def test_without_an_id_number_the_payment_password_is_asked_three_times_a_day() -> None:
    user = make_customer(id_number="")
    add_app(user)
    owner = not_me(newest(user, "two_factor.on"), str(user.phone))
    page = owner.get(ACT).content.decode()
    assert 'name="payment_password"' in page and 'name="digits"' not in page
    guesses = [owner.post(UNDO, {"payment_password": f"48{n}915"}).status_code for n in range(4)]
    assert guesses == [422, 422, 422, 429]
    other = make_customer(id_number="")
    add_app(other)
    owner = not_me(newest(other, "two_factor.on"), str(other.phone))
    assert owner.post(UNDO, {"payment_password": PAYMENT_PASSWORD}).status_code == 302
    assert not has_second_factor(other)


def test_where_nothing_can_be_asked_no_factor_goes(olivia: User) -> None:
    add_app(olivia)
    walker = not_me(newest(olivia, "two_factor.on"), str(olivia.phone))
    assert "signed in" in walker.get(ACT).content.decode()
    walker.post(UNDO, {"digits": ""})
    assert has_second_factor(olivia)


def test_another_number_that_was_told_takes_no_factor_away(alice: User) -> None:
    add_app(alice)
    change = newest(alice, "two_factor.on")
    old = str(alice.phone)
    User.objects.filter(pk=alice.pk).update(phone=make_phone())
    walker = not_me(change, old)
    assert walker.post(UNDO, {"digits": digits_of(alice)})["Location"] == ACT
    assert has_second_factor(alice)


def test_a_day_later_it_is_too_late(alice: User) -> None:
    add_app(alice)
    change = newest(alice, "two_factor.on")
    Change.objects.filter(pk=change.pk).update(undo_until=timezone.now() - timedelta(seconds=1))
    walker = not_me(change, str(alice.phone))
    walker.post(UNDO, {"digits": digits_of(alice)})
    assert has_second_factor(alice)


def test_older_factors_and_their_codes_stay(alice: User) -> None:
    _secret, codes = add_app(alice)
    give_passkey(alice, SoftAuthenticator())
    change = newest(alice, "passkey.added")
    renewed = renew_recovery_codes(user=alice)
    changes.undo_change(change=change)
    assert list_passkeys(alice) == []
    assert get_authenticator(alice) is not None
    # Made since, perhaps by whoever added the passkey.
    for code in (renewed[0], codes[0]):
        with pytest.raises(Refusal):
            verify_second_factor(user=alice, code=code)
    assert caution_of(alice) is None


def test_an_app_that_was_replaced_comes_back_with_its_unused_codes(alice: User) -> None:
    _old, codes = add_app(alice)
    before = get_authenticator(alice)
    assert before is not None
    verify_second_factor(user=alice, code=codes[0])
    _secret, new_codes = add_app(alice)
    changes.undo_change(change=newest(alice, "two_factor.on"))
    app = get_authenticator(alice)
    assert app is not None
    assert (app.key(), app.created_at) == (before.key(), before.created_at)
    for dead in (codes[0], new_codes[1]):
        with pytest.raises(Refusal):
            verify_second_factor(user=alice, code=dead)
    verify_second_factor(user=alice, code=codes[1])
    with pytest.raises(CannotUndo):
        changes.undo_change(change=newest(alice, "two_factor.on"))


def test_a_thief_who_removes_a_passkey_to_put_it_back_later_gets_nothing(alice: User) -> None:
    give_passkey(alice, SoftAuthenticator())
    remove_passkey(passkey=list_passkeys(alice)[0])
    changes.undo_change(change=newest(alice, "passkey.added"))
    with pytest.raises(CannotUndo):
        changes.undo_change(change=newest(alice, "passkey.removed"))
    assert list_passkeys(alice) == []


def test_of_an_app_that_was_replaced_twice_the_owners_comes_back_in_any_order(
    alice: User, bob: User
) -> None:
    for user, order in ((alice, "pk"), (bob, "-pk")):
        _secret, codes = add_app(user)
        owners = get_authenticator(user)
        assert owners is not None
        own = newest(user, "two_factor.on")
        add_app(user)
        add_app(user)
        for change in Change.objects.filter(user=user, pk__gt=own.pk).order_by(order):
            if change.kind == "two_factor.on":
                changes.undo_change(change=change)
        app = get_authenticator(user)
        assert app is not None
        assert app.key() == owners.key()
        verify_second_factor(user=user, code=codes[0])


def test_signed_in_with_fresh_proof_it_is_taken_back_on_a_page(alice: User) -> None:
    owner = signed_in(alice)
    add_app(alice)
    change = newest(alice, "two_factor.on")
    page = f"/security/changes/{change.public_id}/undo/"
    assert page in owner.get("/security/").content.decode()
    assert owner.post(page)["Location"] == "/security/"
    assert not has_second_factor(alice)
    assert owner.get("/security/").status_code == 200


def test_staff_keep_one_factor(olivia: User) -> None:
    add_app(olivia)
    with pytest.raises(Refusal, match=r"factor\.last"):
        changes.undo_change(change=newest(olivia, "two_factor.on"))
    assert has_second_factor(olivia)


@pytest.mark.django_db(transaction=True)
def test_ten_presses_at_once_take_it_away_once(alice: User) -> None:
    add_app(alice)
    change = newest(alice, "two_factor.on")
    results = all_at_once(10, lambda _number: changes.undo_change(change=change))
    assert codes_of(results) == {"": 1, "change.cannot_undo": 9}


def stolen_phone_tries(change: Change, user: User) -> tuple[Client, Any]:
    thief = not_me(change, str(user.phone))
    page = thief.get(ACT).content.decode()
    assert_page_is_clean(page)
    thief.post(UNDO, {"digits": digits_of(user)})
    return thief, page


def test_a_passkey_that_was_removed_does_not_come_back_to_a_stolen_phone(alice: User) -> None:
    key = SoftAuthenticator()
    give_passkey(alice, key)
    switch_off(user=alice)
    _thief, page = stolen_phone_tries(newest(alice, "two_factor.off"), alice)
    assert "taken back in the security centre" in page
    assert list_passkeys(alice) == []
    assert not knows(key)


def test_what_staff_decided_is_not_undone_by_the_phone(alice: User, olivia: User) -> None:
    lowered = changes.note_change(
        user=alice, kind="second_proof.lowered", undo={"from_minor": None}, actor=olivia
    )
    _thief, page = stolen_phone_tries(lowered, alice)
    assert "taken back in the security centre" in page
    lowered.refresh_from_db()
    assert lowered.undone_at is None
