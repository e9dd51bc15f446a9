"""Keeping somebody out whose phone number one knows: every line that a number has is used up by
strangers, through the pages, and its owner goes on."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.db.models import Sum

from accounts.changes.models import Change
from accounts.identity.selectors import find_identity
from accounts.identity.vault import decrypt
from accounts.phone.models import SmsAlarm, SmsCode
from accounts.users.models import User
from payments.banking.tests.builders import card_number
from tests.attacks.client import Answer, Browser
from tests.attacks.crowd import codes_at_once
from tests.attacks.test_guessing import open_up_to_code, other
from tests.attacks.walks import Site
from tests.cast import LOGIN_PASSWORD, make_phone, read_code, read_sms
from tests.limits import PLENTY, with_limits

RESET, RESET_CODE = "/recover/login/", "/recover/login/code/"
_PAIR = {"number": "7K3M-94QX"}
# Everything at which somebody who is not signed in gets a code sent to a number.
ASKING: list[Callable[[Browser, str], Answer]] = [
    lambda browser, phone: browser.post(RESET, {"phone": phone}),
    lambda browser, phone: browser.post("/not-me/", {**_PAIR, "phone": phone}),
    lambda browser, phone: browser.post("/number/", {"phone": phone}),
    lambda browser, phone: browser.post("/support/contact/read/", {**_PAIR, "phone": phone}),
]


@pytest.fixture(autouse=True)
def strangers_have_many_addresses(settings: Any) -> None:
    """All browsers of a test have one address; the strangers of these come from everywhere."""
    codes_at_once(settings)
    for action in ("sms.code", "sign_up", "recover", "not_me", "number_claim", "case.reading"):
        with_limits(settings, action, address=PLENTY)


def codes_to(phone: str) -> int:
    return SmsCode.objects.filter(phone=phone).count()


def exhaust(site: Site, phone: str) -> list[int]:
    """Ask from ever new browsers, everywhere, until nothing is sent to a number any more."""
    statuses = []
    for ask in ASKING:
        statuses += [ask(site.browser(), phone).status for _time in range(6)]
    for _time in range(6):
        open_up_to_code(site.browser(), phone)
    before = codes_to(phone)
    statuses += [ask(site.browser(), phone).status for ask in ASKING]
    open_up_to_code(site.browser(), phone)
    assert codes_to(phone) == before
    return statuses


def guess(site: Site, phone: str) -> list[int]:
    """Type wrong codes in walks of one's own, from two pages, until none is looked at."""
    statuses = []
    for start, page in ((RESET, RESET_CODE), ("/number/", "/number/code/")):
        browser = site.browser()
        assert browser.post(start, {"phone": phone}).status == 302
        code = read_code(phone) or "100000"
        guesses = [browser.post(page, {"code": other(code, step)}) for step in range(1, 7)]
        statuses += [answer.status for answer in guesses]
    return statuses


def known_browser(site: Site, user: User) -> Browser:
    """One in which the person has signed in before, and out again."""
    browser = site.signed_in(user)
    assert browser.get("/home/").status == 200
    assert browser.post("/sign-out/").status == 302
    assert browser.get("/home/").status == 302
    return browser


def identity_proof(user: User) -> dict[str, str]:
    """The first page of a forgotten payment password."""
    identity = find_identity(user)
    assert identity is not None
    digits = decrypt(identity.id_number_encrypted)[-6:]
    return {"login_password": LOGIN_PASSWORD, "id_digits": digits}


def test_wrong_codes_of_strangers_stop_strangers_and_no_code_of_the_owner(
    site: Site, rich_alice: User
) -> None:
    phone = str(rich_alice.phone)
    signed_in, known = site.signed_in(rich_alice), known_browser(site, rich_alice)
    answer = signed_in.post("/recover/payment/", identity_proof(rich_alice))
    assert answer.location == "/recover/payment/code/"
    mine = read_code(phone)
    assert known.post(RESET, {"phone": phone}).status == 302
    known_code = read_code(phone)

    # Ten are looked at; the sixth of a walk is dead already.
    assert guess(site, phone) == [422] * 11 + [429]
    page = site.browser().post(RESET, {"phone": phone})
    assert page.status == 429 and "typed wrongly too many times" in page.text
    assert "use a browser in which you have signed in before" in page.text

    answer = signed_in.post("/recover/payment/code/", {"code": mine})
    assert answer.location == "/recover/payment/new/"
    answer = known.post(RESET_CODE, {"code": known_code})
    assert answer.location == "/recover/login/identity/"


def test_asking_everywhere_until_all_is_stopped_leaves_the_owner_codes_and_notices(
    site: Site, rich_alice: User, settings: Any
) -> None:
    phone = str(rich_alice.phone)
    with_limits(settings, "sms.code", number=[(25, 86_400)], stranger=[(18, 86_400)])
    with_limits(settings, "sms.pumping", prefix=[(15, 3600)])
    signed_in, known = site.signed_in(rich_alice), known_browser(site, rich_alice)

    statuses = exhaust(site, phone)
    assert set(statuses[-4:]) <= {422, 429}
    # The alarm of numbers that begin alike is on, too, and the rest of strangers' day is used up.
    assert SmsAlarm.objects.filter(kind="prefix").exists()
    SmsAlarm.objects.all().delete()
    with_limits(settings, "sms.pumping", prefix=PLENTY)
    exhaust(site, phone)
    assert codes_to(phone) == 18
    with_limits(settings, "sms.pumping", prefix=[(15, 3600)])
    assert ASKING[0](site.browser(), phone).status == 422
    assert SmsAlarm.objects.filter(kind="prefix").exists()

    answer = signed_in.post("/recover/payment/", identity_proof(rich_alice))
    assert answer.location == "/recover/payment/code/"
    answer = signed_in.post("/recover/payment/code/", {"code": read_code(phone)})
    assert answer.location == "/recover/payment/new/"
    assert known.post(RESET, {"phone": phone}).location == RESET_CODE
    answer = known.post(RESET_CODE, {"code": read_code(phone)})
    assert answer.location == "/recover/login/identity/"

    assert signed_in.post("/step-up/", {"password": LOGIN_PASSWORD}).status == 302
    new = "another quiet river 99"
    change = {"old": LOGIN_PASSWORD, "new": new, "again": new}
    assert signed_in.post("/security/login-password/", change).status == 302
    assert Change.objects.get(user=rich_alice).number in read_sms(phone)


def test_codes_to_other_numbers_of_the_block_and_the_whole_house_keep_no_owner_out(
    site: Site, rich_alice: User, settings: Any
) -> None:
    phone = str(rich_alice.phone)
    with_limits(settings, "sms.pumping", prefix=[(5, 3600)])
    with_limits(settings, "sms.code", installation=[(12, 3600)])
    signed_in, known = site.signed_in(rich_alice), known_browser(site, rich_alice)
    statuses = [
        site.browser().post(RESET, {"phone": f"{phone[:-4]}{9000 + number}"}).status
        for number in range(7)
    ]
    assert statuses == [302] * 5 + [422] * 2
    elsewhere = [f"+8615{number}12340000" for number in (0, 1, 2, 3, 5, 6, 7, 8)]
    statuses = [site.browser().post(RESET, {"phone": number}).status for number in elsewhere]
    assert statuses == [302] * 7 + [422]
    assert site.browser().post(RESET, {"phone": phone}).status == 422
    answer = signed_in.post("/recover/payment/", identity_proof(rich_alice))
    assert answer.location == "/recover/payment/code/"
    assert known.post(RESET, {"phone": phone}).location == RESET_CODE
    answer = known.post(RESET_CODE, {"code": read_code(phone)})
    assert answer.location == "/recover/login/identity/"


def test_a_known_browser_says_nothing_of_other_peoples_numbers(
    site: Site, rich_alice: User, bob: User
) -> None:
    """Its own person's number is its own; all others are strangers' alike, known or not."""
    thief = known_browser(site, bob)
    walks = []
    for phone in (str(rich_alice.phone), make_phone()):
        walks.append([ask(thief, phone).status for _time in range(7) for ask in ASKING])
        assert set(SmsCode.objects.filter(phone=phone).values_list("asker", flat=True)) == {
            "stranger"
        }
    assert walks[0] == walks[1]


def test_one_who_has_the_owners_browser_gets_no_more_codes_and_guesses_than_a_stranger(
    site: Site, rich_alice: User
) -> None:
    phone, known = str(rich_alice.phone), known_browser(site, rich_alice)
    statuses = [known.copy().post(RESET, {"phone": phone}).status for _time in range(12)]
    assert statuses == [302] * 5 + [429] * 7
    assert codes_to(phone) == 5
    for start in ("/number/", "/support/contact/read/"):
        thief = known.copy()
        assert thief.post(start, {**_PAIR, "phone": phone}).status == 302
        code = read_code(phone) or "100000"
        page = {"/number/": "/number/code/"}.get(start, "/support/contact/code/")
        for step in range(1, 9):
            thief.post(page, {"code": other(code, step)})
    assert SmsCode.objects.filter(phone=phone).aggregate(wrong=Sum("wrong")) == {"wrong": 10}
    assert known.post(RESET_CODE, {"code": "000000"}).status == 429


def test_who_moves_to_anothers_number_is_a_stranger_to_it_and_an_owner_to_their_own(
    site: Site, rich_alice: User, mallory: User
) -> None:
    thief = site.signed_in(mallory)
    assert thief.post("/step-up/", {"password": LOGIN_PASSWORD}).status == 302
    wanted = {"phone": str(rich_alice.phone), "old_phone": "with"}
    assert thief.post("/security/phone/", wanted).status == 302
    code = read_code(str(mallory.phone))
    assert thief.post("/security/phone/old/", {"code": code}).location == "/security/phone/new/"
    card = {"number": card_number("622599000000777"), "holder_name": holder_of(mallory)}
    assert thief.post("/cards/add/", card).status == 302
    askers = set(SmsCode.objects.values_list("purpose", "asker"))
    assert askers == {
        ("phone_change_old", "own"),
        ("phone_change_new", "stranger"),
        ("card_link", "own"),
    }


def holder_of(user: User) -> str:
    """The name on somebody's card."""
    identity = find_identity(user)
    assert identity is not None
    return decrypt(identity.name_encrypted)
