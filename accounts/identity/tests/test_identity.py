"""Names, ID numbers, and what becomes of them."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.fernet import InvalidToken
from django.core.exceptions import ValidationError

from accounts.identity import selectors, vault
from accounts.identity.errors import IdentityMissing, IdentityTaken
from accounts.identity.models import Identity
from accounts.identity.names import clean_name, mask_name, same_name
from accounts.identity.numbers import clean_id_number
from accounts.identity.services import raise_assurance
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, make_customer, make_id_number, read_sms
from tests.doors import signed_in
from tests.pages import assert_page_is_clean
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("陈思远", "陈*远"),
        ("林晓", "林*"),
        ("欧阳修远", "欧**远"),
        ("买买提·吐尔逊", "买**逊"),
        ("", ""),
    ],
)
def test_a_name_is_masked(name: str, masked: str) -> None:
    assert mask_name(name) == masked


@pytest.mark.parametrize("name", ["陈思远", "买买提·吐尔逊", "Chen Yuan", "O'Brien", "𠮷田"])
def test_names_of_id_cards_are_accepted(name: str) -> None:
    assert clean_name(name) == name


def test_a_dot_of_another_keyboard_is_the_same_dot() -> None:
    assert clean_name(" 买买提•吐尔逊 ") == "买买提·吐尔逊"
    assert same_name("买买提•吐尔逊", "买买提·吐尔逊")
    assert not same_name("陈思远", "陈思进")


@pytest.mark.parametrize(
    "name", ["陈\u202e远", "陈\u200d远", "陈\n远", "陈\x00", "陈1", "=陈远", "·陈"]
)
def test_what_no_card_says_is_refused(name: str) -> None:
    with pytest.raises(ValidationError):
        clean_name(name)


def test_an_id_number_is_read_however_it_is_typed() -> None:
    number = make_id_number()
    assert clean_id_number(f" {number[:6]} {number[6:14]}-{number[14:]} ") == number
    wide = "".join(chr(ord(char) + 0xFEE0) for char in number)
    assert clean_id_number(wide) == number


def test_a_lower_case_x_is_the_same_number() -> None:
    number = next(
        number for serial in range(100, 1000)
        if (number := make_id_number(serial=f"{serial:03d}")).endswith("X")
    )  # fmt: skip
    assert clean_id_number(number.lower()) == number


def test_what_is_kept_cannot_be_read(alice: User) -> None:
    row = Identity.objects.get(user=alice)
    number = vault.decrypt(row.id_number_encrypted)
    assert len(number) == 18
    for column in (row.name_encrypted, row.id_number_encrypted, row.id_number_index):
        assert "陈思远" not in column
        assert number not in column
    assert row.id_number_index == vault.blind_index(number)


def test_the_index_depends_on_a_key_outside_the_database(settings: Any) -> None:
    before = vault.blind_index("310101199003071234")
    settings.INDEX_KEY = "another key"
    assert vault.blind_index("310101199003071234") != before


def test_field_keys_are_rotated_without_losing_anything(settings: Any) -> None:
    old = settings.FIELD_KEYS
    token = vault.encrypt("陈思远")
    settings.FIELD_KEYS = ["a new key", *old]
    assert vault.decrypt(token) == "陈思远"
    newer = vault.encrypt("陈思远")
    settings.FIELD_KEYS = old
    with pytest.raises(InvalidToken):
        vault.decrypt(newer)


def test_one_person_has_one_wallet(alice: User) -> None:
    number = vault.decrypt(Identity.objects.get(user=alice).id_number_encrypted)
    with pytest.raises(IdentityTaken):
        make_customer("陈思远", id_number=number)
    assert User.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_one_id_number_twenty_times_at_once_makes_one_person() -> None:
    number = make_id_number()
    results = all_at_once(
        20, lambda serial: make_customer(phone=f"+86138001360{serial + 10}", id_number=number)
    )
    assert codes_of(results) == {"": 1, "identity.taken": 19}
    assert User.objects.count() == 1


def test_the_last_digits_are_compared(alice: User) -> None:
    number = vault.decrypt(Identity.objects.get(user=alice).id_number_encrypted)
    assert selectors.id_digits_match(alice, number[-4:])
    assert selectors.id_digits_match(alice, f" {number[-6:].lower()} ")
    for wrong in ("", number[-1:], number[-5:], number, "000000", "------"):
        assert not selectors.id_digits_match(alice, wrong)
    nobody = make_customer(id_number="")
    assert not selectors.id_digits_match(nobody, "----")
    assert not selectors.id_digits_match(nobody, "------")


def test_assurance_only_grows(alice: User) -> None:
    assert selectors.assurance_level(alice) == "identity"
    raise_assurance(user=alice, level="in_person", reason="seen at the counter")
    raise_assurance(user=alice, level="card", reason="card linked")
    assert selectors.assurance_level(alice) == "in_person"
    with pytest.raises(IdentityMissing):
        raise_assurance(user=make_customer(id_number=""), level="card", reason="x")


def test_a_phone_only_customer_adds_name_and_number(phones: Any) -> None:
    user = make_customer(id_number="")
    client = signed_in(user)
    client.post("/step-up/", {"password": LOGIN_PASSWORD})
    assert_page_is_clean(client.get("/me/identity/").content.decode())
    bad = client.post("/me/identity/", {"name": "陈", "id_number": "1"})
    assert bad.status_code == 422
    assert_page_is_clean(bad.content.decode())
    good = client.post("/me/identity/", {"name": "陈思远", "id_number": make_id_number()})
    assert good.status_code == 302
    assert selectors.assurance_level(user) == "identity"
    # Who has left an open browser somewhere reads of it.
    assert "ID number" in read_sms(str(user.phone))


def test_a_taken_number_is_refused_on_the_page(alice: User) -> None:
    number = vault.decrypt(Identity.objects.get(user=alice).id_number_encrypted)
    client = signed_in(make_customer(id_number=""))
    client.post("/step-up/", {"password": LOGIN_PASSWORD})
    answer = client.post("/me/identity/", {"name": "陈思远", "id_number": number})
    assert answer.status_code == 422
    assert "already open for this ID number" in answer.content.decode()
