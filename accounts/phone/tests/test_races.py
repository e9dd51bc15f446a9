"""Many at once. On PostgreSQL these prove the locks; on SQLite the one writer."""

from __future__ import annotations

import pytest

from accounts.phone.models import SmsCode
from accounts.phone.outbox import deliver
from accounts.phone.tests.asking import PHONE, answer, ask, other_than
from tests.cast import read_code
from tests.gateways import RecordingGateway
from tests.race import all_at_once, codes_of

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


def test_twenty_requests_at_once_send_one_code() -> None:
    results = all_at_once(20, lambda number: ask(session_key=f"session-{number}"))
    assert codes_of(results) == {"": 1, "code.cooldown": 19}
    assert SmsCode.objects.count() == 1


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
