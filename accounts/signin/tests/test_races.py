"""The door under many hands at once. Real threads; the same on SQLite and on PostgreSQL."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Barrier, Lock
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import authenticate
from django.db import connection, connections
from django.test import Client

from accounts.factors import services as factor_services
from accounts.factors.errors import FactorLocked, FactorWrong
from accounts.factors.services import enrol_authenticator, verify_second_factor
from accounts.security.throttle import TooManyRequests, hit
from accounts.signin.tests.doors import app_code, make_person, try_password
from tests.limits import PLENTY, with_limits

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture(autouse=True)
def as_slow_as_in_life_and_one_address_may_try_much(settings):
    settings.PASSWORD_HASHERS = ["accounts.users.hashers.WalletArgon2PasswordHasher"]
    with_limits(settings, "sign_in", address=PLENTY)


@pytest.fixture
def looks(monkeypatch) -> list[float]:
    """One entry for every time a password was really looked at."""
    seen: list[float] = []
    lock = Lock()

    def counting(*args: Any, **kwargs: Any) -> Any:
        with lock:
            seen.append(time.monotonic())
        return authenticate(*args, **kwargs)

    monkeypatch.setattr("accounts.signin.services.authenticate", counting)
    return seen


def all_at_once(count: int, act: Callable[[int], Any]) -> list[Any]:
    """Run `act` in `count` threads that start together; each gets its own connection."""
    start = Barrier(count)

    def run(number: int) -> Any:
        try:
            start.wait(timeout=30)
            return act(number)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=count) as pool:
        return list(pool.map(run, range(count)))


@pytest.mark.parametrize("phone", ["+8613800136027", "+8613900000001"])
def test_of_forty_parallel_wrong_passwords_five_are_looked_at(looks, phone):
    make_person("+8613800136027")
    answers = all_at_once(40, lambda n: try_password(Client(), phone, f"wrong {n}").status_code)
    assert len(looks) == 5
    assert sorted(set(answers)) == [403, 422] and answers.count(403) == 36
    assert try_password(Client(), phone).status_code == 403
    assert len(looks) == 5


def test_of_strangers_and_the_owners_browser_at_once_each_has_five(looks):
    owner = make_person("+8613800136027")
    own = Client()
    assert try_password(own, owner).status_code == 302
    own.post("/sign-out/")
    cookie = own.cookies[settings.DEVICE_COOKIE_NAME].value
    looks.clear()

    def attempt(number: int) -> int:
        browser = Client(REMOTE_ADDR=f"198.51.100.{number + 1}")
        if number % 2:
            browser.cookies[settings.DEVICE_COOKIE_NAME] = cookie
        return int(try_password(browser, owner, f"wrong {number}").status_code)

    all_at_once(24, attempt)
    assert len(looks) == 10


def test_parallel_tries_under_other_spellings_browsers_and_addresses_count_together(looks):
    make_person("+8613800136027")
    spellings = [
        "13800136027",
        "+8613800136027",
        "138 0013 6027",
        "138-0013-6027",
        "008613800136027",
    ]

    def attempt(number: int) -> int:
        browser = Client(
            REMOTE_ADDR=f"198.51.100.{number + 1}",
            HTTP_USER_AGENT=f"browser {number}",
            HTTP_X_FORWARDED_FOR=f"203.0.113.{number + 1}",
        )
        status: int = try_password(browser, spellings[number % 5], f"wrong {number}").status_code
        return status

    all_at_once(20, attempt)
    assert len(looks) == 5


def test_one_code_of_the_app_is_accepted_once_in_parallel():
    user = make_person()
    code = app_code(enrol_authenticator(user=user).secret)
    assert all_at_once(20, lambda _n: _accepts(user, code)).count(True) == 1


def test_one_recovery_code_is_accepted_once_in_parallel():
    user = make_person()
    enrol_authenticator(user=user)
    code = factor_services.renew_recovery_codes(user=user)[0]
    assert all_at_once(20, lambda _n: _accepts(user, code)).count(True) == 1


def test_of_forty_parallel_wrong_codes_five_are_looked_at(monkeypatch):
    user = make_person()
    secret = enrol_authenticator(user=user).secret
    seen: list[str] = []
    original = factor_services._digits

    def counting(code: str) -> str:
        seen.append(code)
        return original(code)

    monkeypatch.setattr(factor_services, "_digits", counting)
    all_at_once(40, lambda _n: _accepts(user, "000000"))
    assert len(seen) == 5
    with pytest.raises(FactorLocked):
        verify_second_factor(user=user, code=app_code(secret))


def test_a_throttle_lets_exactly_as_many_through_as_it_says():
    def act(_number: int) -> bool:
        try:
            hit(action="race", subject="s", rules=[(5, 60)])
        except TooManyRequests:
            return False
        return True

    assert all_at_once(20, act).count(True) == 5


@pytest.mark.serial
def test_unknown_and_wrong_take_the_same_time(settings):
    settings.SIGN_IN = {**settings.SIGN_IN, "ladder": {10_000: 60}, "reset_only_after": 10_000}
    make_person("+8613800136027")
    browser = Client()
    times: dict[str, list[float]] = {"+8613800136027": [], "+8613900000001": [], "not a phone": []}
    for round_number in range(25):
        for phone, taken in times.items():
            before = time.perf_counter()
            try_password(browser, phone, "wrong password")
            if round_number >= 3:
                taken.append(time.perf_counter() - before)
    known, *others = (statistics.median(taken) for taken in times.values())
    for other in others:
        # 15 ms or a tenth, whichever is more: what cannot be told over a network.
        assert abs(known - other) < max(0.015, known * 0.1), times


@pytest.mark.serial
def test_asking_for_a_new_password_takes_the_same_time_for_known_and_unknown(settings, phones):
    with_limits(settings, "sms.code", address=PLENTY, installation=PLENTY)
    with_limits(settings, "recover", address=PLENTY)
    rounds = 15
    known = [f"+8613800{100_000 + n}" for n in range(rounds)]
    for phone in known:
        make_person(phone)
    unknown = [f"+8613900{100_000 + n}" for n in range(rounds)]
    times: dict[str, list[float]] = {"known": [], "unknown": []}
    for pair in zip(known, unknown, strict=True):
        for kind, phone in zip(times, pair, strict=True):
            before = time.perf_counter()
            answer = Client().post("/recover/login/", {"phone": phone})
            times[kind].append(time.perf_counter() - before)
            assert answer["Location"] == "/recover/login/code/"
    medians = [statistics.median(taken[2:]) for taken in times.values()]
    assert abs(medians[0] - medians[1]) < max(0.015, max(medians) * 0.1), times


def test_these_tests_know_which_database_they_ran_on():
    assert connection.vendor in {"sqlite", "postgresql"}


def _accepts(user: Any, code: str) -> bool:
    try:
        verify_second_factor(user=user, code=code)
    except (FactorWrong, FactorLocked):
        return False
    return True
