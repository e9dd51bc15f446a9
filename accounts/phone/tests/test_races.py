"""Many at once. On PostgreSQL these prove the locks; on SQLite the one writer."""

from __future__ import annotations

import pytest

from accounts.phone.models import SendGate, SmsCode
from accounts.phone.outbox import deliver
from accounts.phone.states import Asker
from accounts.phone.tests.asking import PHONE, answer, ask, other_than
from tests.cast import read_code
from tests.gateways import RecordingGateway
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


def test_twenty_requests_at_once_send_one_code() -> None:
    results = all_at_once(20, lambda number: ask(session_key=f"session-{number}"))
    assert codes_of(results) == {"": 1, "code.cooldown": 19}
    assert SmsCode.objects.count() == 1


def test_the_owner_and_strangers_at_once_get_one_code_each() -> None:
    kinds = [Asker.OWN, Asker.STRANGER]
    results = all_at_once(
        20, lambda number: ask(session_key=f"session-{number}", asker=kinds[number % 2])
    )
    assert codes_of(results) == {"": 2, "code.cooldown": 18}
    assert sorted(SmsCode.objects.values_list("asker", flat=True)) == ["own", "stranger"]


def test_wrong_codes_of_both_at_once_are_counted_apart() -> None:
    own, theirs = ask(asker=Asker.OWN), ask(session_key="session-b")
    code = read_code(PHONE)

    def guess(number: int) -> object:
        if number % 2:
            return answer(own, other_than(code))
        return answer(theirs, "wrong", session_key="session-b")

    all_at_once(20, guess)
    assert sorted(SmsCode.objects.values_list("wrong", flat=True)) == [5, 5]
    counts = SendGate.objects.values_list("scope", "wrong_times")
    assert {scope: len(times) for scope, times in counts if scope != "address"} == {
        "number": 5,
        "own": 5,
    }


def test_thirty_numbers_at_once_from_one_address_get_twenty_codes() -> None:
    results = all_at_once(30, lambda number: ask(phone=f"+86138001360{number + 10}"))
    assert codes_of(results) == {"": 20, "code.stopped": 10}


def test_the_right_code_twenty_times_at_once_is_accepted_once() -> None:
    challenge = ask()
    code = read_code(PHONE)
    results = all_at_once(20, lambda _number: answer(challenge, code))
    assert codes_of(results) == {"": 1, "code.used": 19}


def test_forty_wrong_codes_at_once_burn_the_code() -> None:
    challenge = ask()
    code = read_code(PHONE)
    results = all_at_once(40, lambda _number: answer(challenge, other_than(code)))
    assert codes_of(results) == {"code.wrong": 4, "code.dead": 36}
    assert SmsCode.objects.get().wrong == 5
    assert codes_of(all_at_once(1, lambda _number: answer(challenge, code))) == {"code.dead": 1}


def test_ten_senders_at_once_send_a_message_once() -> None:
    ask()
    row_id = SmsCode.objects.get().pk
    results = all_at_once(10, lambda _number: deliver(row_id))
    assert results.count(True) == 1
    assert len(RecordingGateway.sent) == 1
