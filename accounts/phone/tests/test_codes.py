"""Asking for a code and typing it in."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
import time_machine

from accounts.phone.errors import (
    CodeCooldown,
    CodeDead,
    CodeStopped,
    CodesUnavailable,
    CodeUsed,
    CodeWrong,
    PhoneRefused,
)
from accounts.phone.models import Challenge, SmsCode
from accounts.phone.selectors import code_status, find_challenge
from accounts.phone.services import resend_code
from accounts.phone.states import Asker
from accounts.phone.tests.asking import PHONE, answer, ask, other_than
from accounts.users.models import User
from tests.cast import read_code, read_sms
from tests.limits import with_limits

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]
Clock = Any


@pytest.fixture
def clock() -> Iterator[Clock]:
    """A clock that stands until it is moved."""
    with time_machine.travel(datetime(2026, 11, 23, 4, 0, tzinfo=UTC), tick=False) as clock:
        yield clock


def test_the_right_code_is_accepted_once() -> None:
    challenge = ask()
    code = read_code(PHONE)
    assert answer(challenge, code).consumed_at is not None
    with pytest.raises(CodeUsed):
        answer(challenge, code)
    with pytest.raises(CodeDead):
        answer(challenge, other_than(code))


def test_five_wrong_codes_burn_it() -> None:
    challenge = ask()
    code = read_code(PHONE)
    for left in (4, 3, 2, 1):
        with pytest.raises(CodeWrong) as wrong:
            answer(challenge, other_than(code))
        assert wrong.value.tries_left == left
    for typed in (other_than(code), code):
        with pytest.raises(CodeDead):
            answer(challenge, typed)


def test_guessing_on_over_new_codes_stops_the_number_for_the_hour(clock: Clock) -> None:
    for _round in range(2):
        challenge = ask()
        for _wrong in range(5):
            with pytest.raises((CodeWrong, CodeDead)):
                answer(challenge, other_than(read_code(PHONE)))
        clock.shift(61)
    with pytest.raises(CodeStopped):
        ask()
    with pytest.raises(CodeStopped):
        answer(challenge, read_code(PHONE))
    clock.shift(3600)
    ask()


def test_a_code_runs_out_after_five_minutes(clock: Clock) -> None:
    challenge = ask()
    code = read_code(PHONE)
    clock.shift(300)
    with pytest.raises(CodeDead):
        answer(challenge, code)


def test_only_the_newest_code_counts(clock: Clock) -> None:
    first = ask()
    old = read_code(PHONE)
    clock.shift(61)
    second = ask()
    assert second == first
    new = read_code(PHONE)
    if new != old:
        with pytest.raises(CodeWrong):
            answer(first, old)
    answer(second, new)


def test_a_refused_resend_leaves_the_live_code_alive() -> None:
    challenge = ask()
    code = read_code(PHONE)
    with pytest.raises(CodeCooldown) as refused:
        ask()
    assert 1 <= refused.value.seconds <= 60
    with pytest.raises(CodeCooldown):
        resend_code(
            challenge_id=challenge.public_id, session_key="session-a", address="203.0.113.7"
        )
    answer(challenge, code)


def test_another_session_is_refused_without_counting() -> None:
    challenge = ask()
    code = read_code(PHONE)
    for _guess in range(20):
        with pytest.raises(CodeDead):
            answer(challenge, code, session_key="session-b")
    assert SmsCode.objects.get().wrong == 0
    answer(challenge, code)


def test_a_code_is_for_one_purpose_and_one_number(clock: Clock) -> None:
    card = ask()
    code = read_code(PHONE)
    other = ask(purpose="login_reset")
    if read_code(PHONE) != code:
        with pytest.raises(CodeWrong):
            answer(other, code)
    elsewhere = ask(phone="+8613900134412")
    if read_code("+8613900134412") != code:
        with pytest.raises(CodeWrong):
            answer(elsewhere, code)
    answer(card, code)


def test_five_codes_an_hour_and_ten_a_day(clock: Clock) -> None:
    sent = []
    for minute in range(25 * 60):
        try:
            challenge = ask(address="")
            sent.append(minute)
        except CodeStopped:
            pass
        clock.shift(60)
        if minute == 30:
            assert code_status(challenge).sent_this_hour == 5
    first_day = [0, 1, 2, 3, 4, 60, 61, 62, 63, 64]
    assert sent == [*first_day, *(24 * 60 + minute for minute in range(5))]


def test_a_number_gets_forty_messages_a_day_over_all_purposes(clock: Clock) -> None:
    for number in range(40):
        asker = Asker.STRANGER if number < 30 else Asker.OWN
        ask(purpose=f"purpose_{number}", address="", asker=asker)
    for asker in Asker:
        with pytest.raises(CodeStopped):
            ask(purpose="one_more", address="", asker=asker)


def test_an_address_gets_twenty_an_hour_whatever_the_numbers() -> None:
    for number in range(20):
        ask(phone=f"+86138001360{number + 10}")
    with pytest.raises(CodeStopped):
        ask(phone="+8613800136099")
    ask(phone="+8613800136099", address="203.0.113.8")


def test_ipv6_neighbours_are_one_address() -> None:
    for number in range(20):
        ask(phone=f"+86138001360{number + 10}", address=f"2001:db8::{number + 1}")
    with pytest.raises(CodeStopped):
        ask(phone="+8613800136099", address="2001:db8::ffff")


def test_too_many_for_the_installation_raise_an_alarm(
    settings: Any, caplog: pytest.LogCaptureFixture
) -> None:
    with_limits(settings, "sms.code", installation=[(2, 3600)])
    ask()
    ask(phone="+8613900134412")
    with pytest.raises(CodesUnavailable):
        ask(phone="+8613700135566")
    assert "pumping" in caplog.text


@pytest.mark.parametrize(
    "phone",
    ["+12025550123", "02158888888", "+44 7911 123456", "138", "1380013602\x00", "+85291234567", ""],
)
def test_other_numbers_get_nothing(phone: str) -> None:
    with pytest.raises(PhoneRefused):
        ask(phone=phone)
    assert SmsCode.objects.count() == 0


def test_the_code_lies_nowhere_in_clear(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG")
    challenge = ask()
    before = SmsCode.objects.values().get()
    code = read_code(PHONE)
    after = SmsCode.objects.values().get()
    asked = Challenge.objects.values().get()
    for value in (*before.values(), *after.values(), *asked.values()):
        assert code not in str(value).split("-")
    assert after["code_encrypted"] == ""
    with pytest.raises(CodeWrong):
        answer(challenge, other_than(code))
    assert code not in caplog.text
    assert PHONE not in caplog.text


def test_the_message_speaks_the_language_of_its_reader(alice: User) -> None:
    alice.locale = "en"
    alice.save()
    ask(phone=str(alice.phone), user=alice)
    text = read_sms(str(alice.phone))
    assert text.startswith("[Example Bank]")
    assert "5 minutes" in text


def test_a_challenge_is_found_by_its_own_session_only() -> None:
    challenge = ask()
    assert find_challenge(challenge.public_id, "session-a") == challenge
    assert find_challenge(challenge.public_id, "session-b") is None
