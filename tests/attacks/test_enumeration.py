"""Learning who is a customer, from words, places and time (row 17)."""

from __future__ import annotations

import re
import time
from collections.abc import Callable
from statistics import median
from typing import Any

import pytest

from accounts.changes.services import note_change
from accounts.users.models import User
from payments.wallets.models import Wallet
from tests.attacks.client import Answer
from tests.attacks.walks import Site, transfer_fields, try_password
from tests.cast import (
    LOGIN_PASSWORD,
    PAYMENT_PASSWORD,
    make_customer,
    make_id_number,
    make_phone,
    read_sms,
    wallet_with,
)
from tests.limits import PLENTY, with_limits

_CHANGING = re.compile(
    r'name="csrfmiddlewaretoken" value="[^"]*"|E-[0-9A-Z]{5}|/codes/[0-9a-f-]{36}'
    r"|139\d{8}|139 ?\d{4} ?\d{4}|139\W*\*+\W*\d{4}|data-(?:seconds|until)=\"[^\"]*\""
    r"|\d{1,2}:\d{2}(:\d{2})?|<time[^>]*>|\b\d+ s\b|\d+ seconds?"
)
# Rates that the clock may be measured under: many tries, none of them stopped.
_PATIENT = {"ladder": {1000: 900}, "reset_only_after": 2000}
_UNLIMITED: dict[str, Any] = {"resend_after_seconds": 0}


def plain(answer: Answer) -> tuple[int, str, str]:
    """What differs from one person to the next taken out."""
    return answer.status, answer.location, _CHANGING.sub("", answer.text)


def test_signing_in_says_the_same_of_known_and_unknown_up_to_the_lock(
    site: Site, rich_alice: User
) -> None:
    known, unknown = make_customer(phone="+8613911110001"), "+8613922220002"
    one, other = site.browser(), site.browser()
    for _try in range(7):
        first = try_password(one, str(known.phone), "wrong password 1")
        second = try_password(other, unknown, "wrong password 1")
        assert plain(first) == plain(second)
    assert plain(one.get("/locked/")) == plain(other.get("/locked/"))
    assert first.status == 403


def test_a_forgotten_password_says_the_same_of_known_and_unknown(site: Site) -> None:
    known, unknown = str(make_customer().phone), make_phone()
    walks = []
    for phone in (known, unknown):
        browser = site.browser()
        said = [
            browser.post("/recover/login/", {"phone": phone}),
            browser.get("/recover/login/code/"),
        ]
        read_sms(phone)
        said.append(browser.post("/recover/login/code/", {"code": "000000"}))
        said.append(browser.get("/recover/login/identity/"))
        said.append(browser.post("/recover/login/", {"phone": phone}))
        walks.append([plain(answer) for answer in said])
    assert walks[0] == walks[1]


def test_opening_a_wallet_says_the_same_of_a_taken_number(site: Site) -> None:
    known, unknown, id_number = str(make_customer().phone), make_phone(), make_id_number()
    walks = []
    for phone in (known, unknown):
        browser = site.browser()
        person = {"name": "陈思远", "id_number": id_number, "phone": phone, "agree": "on"}
        secrets = {
            "payment_password": PAYMENT_PASSWORD,
            "payment_password_again": PAYMENT_PASSWORD,
            "login_password": LOGIN_PASSWORD,
        }
        said = [
            browser.post("/open/person/", person),
            browser.get("/open/passwords/"),
            browser.post("/open/passwords/", secrets),
        ]
        read_sms(phone)
        said += [browser.get("/open/code/"), browser.post("/open/code/", {"code": "000000"})]
        walks.append([plain(answer) for answer in said])
    assert walks[0] == walks[1]
    # Who holds the phone learns the truth.
    assert read_sms(known) and read_sms(unknown) and "code" not in read_sms(known).split()[:6]


def test_looking_payees_up_is_masked_and_stopped(site: Site, rich_alice: User, bob: User) -> None:
    browser = site.signed_in(rich_alice)
    check = browser.get(browser.post("/transfer/", transfer_fields(bob)).location).text
    number = Wallet.objects.get(owner=bob).number
    for secret in ("林晓", number, str(bob.phone)):
        assert secret not in check
    statuses = [
        browser.post("/transfer/", transfer_fields(f"1395555{number:04d}")).status
        for number in range(25)
    ]
    assert statuses.count(422) <= 20
    assert statuses[-1] == 429
    assert site.signed_in(bob).post("/transfer/", transfer_fields("13955550001")).status == 422
    closed = make_customer()
    wallet = wallet_with(closed)
    Wallet.objects.filter(pk=wallet.pk).update(closed_at=wallet.opened_at)
    other = site.signed_in(bob)
    answers = [other.post("/transfer/", transfer_fields(p)) for p in (closed, "13955550002")]
    sentences = [re.findall(r'class="[^"]*error[^"]*"[^>]*>[^<]*', a.text) for a in answers]
    assert sentences[0] == sentences[1]


def closeness(one: Callable[[int], None], other: Callable[[int], None], rounds: int) -> None:
    """The two take the same time: taken by turns, so that a busy machine disturbs both alike.

    What an attacker could average out is there every time; a disturbance is not. So a difference
    of more than 15 ms and a tenth in the quicker half must show three times over to count.
    """
    seen = []
    for _again in range(3):
        times: tuple[list[float], list[float]] = ([], [])
        for number in range(rounds):
            for which in (0, 1) if number % 2 else (1, 0):
                began = time.perf_counter()
                (one, other)[which](number)
                times[which].append(time.perf_counter() - began)
        first, second = (median(sorted(each)[: rounds // 2]) for each in times)
        seen.append((round(first, 4), round(second, 4)))
        if abs(first - second) < max(0.015, 0.1 * max(first, second)):
            return
    raise AssertionError(seen)


@pytest.mark.serial
def test_known_and_unknown_take_the_same_time(site: Site, settings: Any) -> None:
    settings.SIGN_IN = {**settings.SIGN_IN, **_PATIENT}
    settings.AXES_FAILURE_LIMIT = 10_000
    settings.SMS = {**settings.SMS, **_UNLIMITED}
    # The real price of a password: what would be forgotten for the unknown shows best then.
    settings.PASSWORD_HASHERS = ["accounts.users.hashers.WalletArgon2PasswordHasher"]
    known = [str(make_customer().phone) for _number in range(12)]
    unknown = [make_phone() for _number in range(12)]
    browser = site.browser()
    browser.token()
    for action in ("sign_in", "recover", "case.reading"):
        with_limits(settings, action, address=PLENTY)
    with_limits(settings, "case.contact", address=PLENTY)
    no_pause = [(1, 0), (10_000, 3600)]
    with_limits(settings, "sms.code", address=PLENTY, number=PLENTY, purpose=no_pause)
    story = {"topic": "locked", "subject": "Locked", "body": "I am locked out."}
    for path, more in (
        ("/sign-in/", {"password": "wrong 1 wrong"}),
        ("/recover/login/", {}),
        ("/support/contact/", story),
    ):

        def ask(phones: list[str], path: str = path, more: dict[str, str] = more) -> Any:
            def act(number: int) -> None:
                answer = browser.post(path, {"phone": phones[number % 12], **more})
                assert answer.status in {302, 422}

            return act

        ask(known)(0)
        ask(unknown)(0)
        closeness(ask(known), ask(unknown), 24)


@pytest.mark.serial
def test_saying_not_me_takes_the_same_time_for_a_pair_that_belongs_together_and_one_that_does_not(
    site: Site, settings: Any
) -> None:
    with_limits(settings, "not_me", address=PLENTY)
    with_limits(settings, "number_claim", address=PLENTY)
    no_pause = [(1, 0), (10_000, 3600)]
    with_limits(settings, "sms.code", address=PLENTY, number=PLENTY, purpose=no_pause)
    settings.SMS = {**settings.SMS, **_UNLIMITED}
    people = [make_customer() for _number in range(8)]
    told = [
        (note_change(user=user, kind="two_factor.on").number, str(user.phone)) for user in people
    ]
    strangers = [("7K3M-94QX", make_phone()) for _number in range(8)]
    browser = site.browser()
    browser.token()
    for path in ("/not-me/", "/number/"):

        def ask(pairs: list[tuple[str, str]], path: str = path) -> Any:
            def act(which: int) -> None:
                number, phone = pairs[which % 8]
                answer = browser.post(path, {"number": number, "phone": phone})
                assert (answer.status, answer.location) == (302, f"{path}code/")

            return act

        ask(told)(0)
        ask(strangers)(0)
        closeness(ask(told), ask(strangers), 16)
