"""Opening a wallet through its pages."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.identity.selectors import assurance_level, full_name, masked_name
from accounts.payment_password.services import check_payment_password
from accounts.phone.models import SmsCode
from accounts.signup.models import Application
from accounts.signup.tests.steps import Opening
from accounts.users.models import User
from accounts.users.selectors import find_user_by_phone
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, make_id_number, make_phone, read_sms
from tests.pages import assert_page_is_clean

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


def test_the_whole_way_opens_a_wallet_and_signs_in() -> None:
    opening = Opening().up_to_code()
    assert User.objects.count() == 0
    answer = opening.type_code()
    assert answer.status_code == 302
    assert answer["Location"] == reverse("wallets:opened")
    user = find_user_by_phone(opening.phone)
    assert user is not None
    assert full_name(user) == "陈思远"
    assert masked_name(user) == "陈*远"
    assert assurance_level(user) == "identity"
    assert user.check_password(LOGIN_PASSWORD)
    assert user.locale == "en"
    check_payment_password(user=user, raw=PAYMENT_PASSWORD)
    assert opening.client.session["_auth_user_id"] == str(user.pk)


def test_the_phone_alone_opens_the_smallest_wallet() -> None:
    opening = Opening()
    assert opening.tell_phone().status_code == 302
    assert opening.set_passwords().status_code == 302
    assert opening.type_code().status_code == 302
    user = find_user_by_phone(opening.phone)
    assert user is not None
    assert assurance_level(user) == "phone"
    assert masked_name(user) == ""


def test_signing_in_gives_the_browser_a_new_session_key() -> None:
    opening = Opening().up_to_code()
    before = opening.client.session.session_key
    opening.type_code()
    assert opening.client.session.session_key != before


def test_every_page_of_the_way_is_clean() -> None:
    opening = Opening()
    assert_page_is_clean(opening.client.get("/open/", follow=True).content.decode())
    assert_page_is_clean(opening.client.get("/open/phone/").content.decode())
    opening.tell_person()
    assert_page_is_clean(opening.client.get("/open/passwords/").content.decode())
    assert_page_is_clean(opening.set_passwords(login_password="x").content.decode())
    opening.set_passwords()
    page = opening.client.get("/open/code/").content.decode()
    assert_page_is_clean(page)
    assert opening.id_number not in page
    assert opening.phone[3:] not in page
    for path in ("/terms/service/", "/terms/privacy/"):
        assert_page_is_clean(opening.client.get(path).content.decode())


def test_steps_cannot_be_skipped() -> None:
    opening = Opening()
    for path in ("/open/passwords/", "/open/code/"):
        assert opening.client.get(path)["Location"] == "/open/"
        assert opening.client.post(path, {"code": "123456"}).status_code == 302
    opening.tell_person()
    assert opening.client.get("/open/code/")["Location"] == "/open/"
    assert opening.type_code("123456")["Location"] == "/open/"
    assert opening.client.post("/open/code/send/")["Location"] == "/open/"
    assert SmsCode.objects.count() == 0
    assert User.objects.count() == 0


def test_answers_survive_going_back_and_a_second_tab() -> None:
    opening = Opening().up_to_code()
    page = opening.client.get("/open/person/").content.decode()
    assert opening.id_number in page
    assert "陈思远" in page
    assert opening.client.get("/open/")["Location"] == "/open/code/"
    assert "Both passwords are set" in opening.client.get("/open/passwords/").content.decode()


def test_correcting_the_number_loses_nothing_else() -> None:
    opening = Opening().up_to_code()
    old_code = read_sms(opening.phone)
    opening.phone = make_phone()
    assert opening.tell_person()["Location"] == "/open/code/"
    assert opening.type_code(old_code[-6:]).status_code == 422
    assert opening.type_code().status_code == 302
    assert find_user_by_phone(opening.phone) is not None


def test_a_password_that_becomes_part_of_the_new_number_is_asked_for_again() -> None:
    opening = Opening().up_to_code()
    answer = opening.tell_person(phone=f"13800{PAYMENT_PASSWORD}")
    assert answer["Location"] == "/open/passwords/"


def test_nothing_personal_lies_readable_in_the_application() -> None:
    opening = Opening().up_to_code()
    row = Application.objects.values().get()
    text = " ".join(str(value) for value in row.values())
    for secret in (
        "陈思远",
        opening.id_number,
        opening.phone[3:],
        PAYMENT_PASSWORD,
        LOGIN_PASSWORD,
    ):
        assert secret not in text
    opening.type_code()
    row = Application.objects.values().get()
    assert not any(value for name, value in row.items() if name.endswith(("_encrypted", "_hash"))
                   and name != "session_hash")  # fmt: skip
    assert row["login_password"] == ""


def test_a_number_that_has_a_wallet_looks_like_any_other(alice: User) -> None:
    known = Opening(phone=str(alice.phone)).up_to_code()
    fresh = Opening().up_to_code()
    pages = [one.client.get("/open/code/").content.decode() for one in (known, fresh)]
    assert "already have" not in pages[0]
    assert len(pages[0].splitlines()) == len(pages[1].splitlines())
    text = read_sms(str(alice.phone))
    assert "already have one" in text
    assert known.type_code("123456").status_code == 422
    assert User.objects.count() == 1


def test_somebody_elses_id_number_is_told_only_after_the_phone_is_proved(alice: User) -> None:
    number = make_id_number()
    first = Opening(id_number=number).up_to_code()
    first.type_code()
    second = Opening(id_number=number)
    assert second.tell_person().status_code == 302
    assert second.set_passwords().status_code == 302
    answer = second.type_code()
    assert answer.status_code == 422
    assert "already open for this ID number" in answer.content.decode()
    assert_page_is_clean(answer.content.decode())
    assert find_user_by_phone(second.phone) is None
    # The same code does not buy another try.
    second.tell_person(id_number=make_id_number())
    assert second.type_code(read_sms(second.phone)[-6:]).status_code in {302, 422}
    assert find_user_by_phone(second.phone) is None


def test_the_last_step_sent_twice_makes_one_person() -> None:
    opening = Opening().up_to_code()
    key = opening.client.cookies["wallet"].value
    from tests.cast import read_code

    code = read_code(opening.phone)
    first = opening.type_code(code)
    assert first.status_code == 302
    # The second was on its way with the old cookie; that session has ended meanwhile.
    late = Client()
    late.cookies["wallet"] = key
    answer = late.post("/open/code/", {"code": code})
    assert answer.status_code == 302
    assert User.objects.count() == 1
    assert "_auth_user_id" not in late.session


def test_a_signed_in_person_is_sent_home(alice: User) -> None:
    client = Client()
    client.force_login(alice)
    assert client.get("/open/").status_code == 302
    assert client.get("/open/person/").status_code == 302


def test_starting_again_forgets_the_answers() -> None:
    opening = Opening().up_to_code()
    opening.client.post("/open/start-again/")
    assert Application.objects.count() == 0
    assert opening.client.get("/open/")["Location"] == "/open/person/"


@pytest.mark.parametrize(
    ("field", "typed", "sentence"),
    [
        ("id_number", "31010119900307123", "has 18 characters; you typed 17"),
        ("id_number", "310101199013071234", "19901307 is not a date"),
        ("id_number", "1" * 5000, "you typed 5000"),
        ("id_number", "31010119900307\x001234", "digits only"),
        ("id_number", "X10101199003071234", "X can only be the last"),
        ("phone", "021 5888 8888", "not a mobile number"),
        ("phone", "+1 202 555 0123", "mainland China only"),
        ("phone", "138\x0000136027", "not a mobile number"),
        ("phone", "9" * 5000, "not a mobile number"),
        ("phone", "1380013", "has 11 digits; you typed 7"),
        ("phone", "abc", "not a mobile number"),
        ("name", "陈\u202e远", "cannot be seen"),
        ("name", "陈\u200b远", "cannot be seen"),
        ("name", "陈\x00远", "cannot be seen"),
        ("name", "陈" * 5000, "at most 60"),
        ("name", "<b>陈</b>", "letters only"),
        ("name", "陈", "full name"),
    ],
)
def test_bad_answers_get_a_sentence_beside_the_field(field: str, typed: str, sentence: str) -> None:
    answer = Opening().tell_person(**{field: typed})
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    assert f'id="id_{field}_error"' in page
    assert SmsCode.objects.count() == 0


def test_a_wrong_check_digit_is_named() -> None:
    number = make_id_number()
    wrong = number[:-1] + ("1" if number[-1] != "1" else "2")
    answer = Opening().tell_person(id_number=wrong)
    assert answer.status_code == 422
    assert "last character does not fit" in answer.content.decode()
    assert wrong in answer.content.decode()


def test_a_child_is_told_the_age() -> None:
    answer = Opening().tell_person(id_number=make_id_number(born="20150101"))
    assert "from the age of 16" in answer.content.decode()


def test_a_full_width_number_is_read_as_the_same_number() -> None:
    opening = Opening()
    typed = "".join(chr(ord(char) + 0xFEE0) for char in opening.phone[3:])
    assert opening.tell_person(phone=typed).status_code == 302
    assert opening.phone[3:] in opening.client.get("/open/person/").content.decode()


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        ({"payment_password": "７３９１６４"}, "full-width digits"),
        ({"payment_password": "73916"}, "exactly 6 digits"),
        ({"payment_password": "739164\x00"}, "exactly 6 digits"),
        ({"payment_password": "123456"}, "follow each other"),
        ({"payment_password": "900307"}, "read as a date"),
        ({"payment_password_again": "739165"}, "two payment passwords differ"),
        ({"login_password": "short"}, "at least 8"),
        ({"login_password": "password"}, "too common"),
        ({"login_password": "陈思远陈思远"}, "too much like"),
        ({"login_password": "x" * 5000}, "at most 256"),
    ],
)
def test_bad_passwords_get_a_sentence_and_are_never_shown_again(
    changes: dict[str, str], sentence: str
) -> None:
    opening = Opening()
    opening.tell_person()
    answer = opening.set_passwords(**changes)
    assert answer.status_code == 422
    page = answer.content.decode()
    assert sentence in page
    for typed in (*changes.values(), PAYMENT_PASSWORD, LOGIN_PASSWORD):
        assert f'value="{typed}"' not in page


def test_a_password_like_the_phone_is_refused() -> None:
    opening = Opening()
    opening.tell_person()
    page = opening.set_passwords(login_password=opening.phone[3:]).content.decode()
    assert "too much like" in page
    digits = opening.phone[-6:]
    changes = {"payment_password": digits, "payment_password_again": digits}
    answer = opening.set_passwords(**changes)
    # Which rule comes first depends on the digits; that one of them refuses does not.
    assert answer.status_code == 422
    assert "payment_password" in answer.context["form"].errors


def test_the_terms_must_be_agreed() -> None:
    answer = Opening().tell_person(agree="")
    assert answer.status_code == 422
    assert "agree to go on" in answer.content.decode()


def test_a_refused_code_is_said_on_the_code_page(settings: Any) -> None:
    phone = make_phone()
    Opening(phone=phone).up_to_code()
    second = Opening(phone=phone).up_to_code()
    page = second.client.get("/open/code/").content.decode()
    assert "No code has been sent" in page
    assert "You can ask again in" in page
    assert second.client.post("/open/code/send/").status_code == 302
    assert SmsCode.objects.count() == 1
