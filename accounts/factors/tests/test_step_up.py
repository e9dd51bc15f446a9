"""Fresh proof by password and code: both are judged, and nothing says which was wrong."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from accounts.factors.errors import FactorLocked, FactorWrong
from accounts.factors.models import RecoveryCode
from accounts.factors.services import (
    enrol_authenticator,
    factor_state,
    prove_anew,
    renew_recovery_codes,
    verify_second_factor,
)
from accounts.security.models import SecurityEvent
from accounts.signin.tests.doors import PASSWORD, app_code, make_person, try_password
from accounts.users.models import User
from tests.pages import assert_page_is_clean
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db
SENTENCE = "The password or the code is not right"


@pytest.fixture
def person() -> User:
    return make_person()


def door_of(person: User) -> tuple[Client, str]:
    """A signed-in browser, and the key of the app that was connected after that."""
    client = Client(headers={"accept-language": "en"})
    try_password(client, person)
    return client, enrol_authenticator(user=person).secret


def send(client: Client, password: str, code: str) -> Any:
    return client.post("/step-up/", {"password": password, "code": code, "next": "/security/"})


def outcomes(person: User, tries: Sequence[tuple[str, str]]) -> list[str]:
    """What each of these tries came to."""
    found = []
    for password, code in tries:
        try:
            prove_anew(user=person, password=password, code=code)
        except FactorLocked as locked:
            found.append(locked.code)
        except Exception as refusal:
            found.append(getattr(refusal, "code", repr(refusal)))
        else:
            found.append("")
    return found


def test_one_sentence_for_a_wrong_password_a_wrong_code_and_both(person: User) -> None:
    client, secret = door_of(person)
    pages = []
    for password, code in [
        ("wrong one", app_code(secret)),
        (PASSWORD, "000000"),
        ("wrong", "000000"),
    ]:
        answer = send(client, password, code)
        assert answer.status_code == 422
        page = answer.content.decode()
        assert_page_is_clean(page)
        assert SENTENCE in page and "_error" not in page.replace("has_errors", "")
        pages.append(page)
    kinds = SecurityEvent.objects.filter(user=person).values_list("kind", flat=True)
    assert list(kinds).count("step_up.wrong") == 3
    # The owner's log is open to whoever sits at the browser.
    assert "sign_in.factor_wrong" not in kinds
    assert send(client, PASSWORD, app_code(secret)).status_code == 302


def test_a_wrong_password_uses_no_code_up(person: User) -> None:
    _client, secret = door_of(person)
    paper = renew_recovery_codes(user=person)[0]
    for code in (paper, app_code(secret)):
        assert outcomes(person, [("wrong one", code)]) == ["proofs.wrong"]
        assert outcomes(person, [(PASSWORD, code)]) == [""]
    assert RecoveryCode.objects.filter(user=person, used_at__isnull=False).count() == 1


@pytest.mark.parametrize("password", [PASSWORD, "wrong one"])
def test_five_failures_shut_the_page_alike_whatever_was_wrong(person: User, password: str) -> None:
    _client, secret = door_of(person)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for minutes in (15, 30, 60, 60):
            tries = 5 if minutes == 15 else 1
            assert outcomes(person, [(password, "000000")] * tries) == ["proofs.wrong"] * tries
            assert outcomes(person, [(PASSWORD, app_code(secret))]) == ["factor.locked"]
            clock.shift(timedelta(minutes=minutes, seconds=-1))
            assert outcomes(person, [(PASSWORD, app_code(secret))]) == ["factor.locked"]
            clock.shift(timedelta(seconds=1))
    # Codes are counted everywhere, but only beside the right password.
    assert factor_state(person).wrong == (8 if password == PASSWORD else 0)


def test_a_right_password_takes_nothing_off_any_count(person: User) -> None:
    door_of(person)
    mixed = [("wrong one", "000000"), (PASSWORD, "000000")] * 2 + [("wrong one", "000000")]
    assert outcomes(person, mixed) == ["proofs.wrong"] * 5
    assert outcomes(person, [(PASSWORD, "000000")]) == ["factor.locked"]
    assert factor_state(person).wrong == 2


def test_codes_guessed_elsewhere_shut_this_page_too(person: User) -> None:
    _client, secret = door_of(person)
    for _number in range(4):
        with pytest.raises(FactorWrong):
            verify_second_factor(user=person, code="000000")
    assert outcomes(person, [(PASSWORD, "000000")]) == ["proofs.wrong"]
    assert outcomes(person, [("wrong one", "000000")]) == ["factor.locked"]
    assert outcomes(person, [(PASSWORD, app_code(secret))]) == ["factor.locked"]
    with pytest.raises(FactorLocked):
        verify_second_factor(user=person, code=app_code(secret))


def test_both_right_clear_both_counts(person: User) -> None:
    _client, secret = door_of(person)
    assert outcomes(person, [(PASSWORD, "000000")] * 4) == ["proofs.wrong"] * 4
    assert outcomes(person, [(PASSWORD, app_code(secret))]) == [""]
    assert outcomes(person, [(PASSWORD, "000000")] * 4) == ["proofs.wrong"] * 4
    assert factor_state(person).wrong == 4


def test_a_password_alone_has_its_own_sentence(person: User) -> None:
    client = Client(headers={"accept-language": "en"})
    try_password(client, person)
    answer = client.post("/step-up/", {"password": "wrong one"})
    assert answer.status_code == 422
    assert "That password is not right" in answer.content.decode()
    assert client.post("/step-up/", {"password": PASSWORD}).status_code == 302


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("password", [PASSWORD, "wrong one"])
def test_of_twenty_at_once_five_are_looked_at(password: str) -> None:
    person = make_person()
    enrol_authenticator(user=person)

    def guess(number: int) -> None:
        prove_anew(user=person, password=password, code=f"{number:06d}")

    found = codes_of(all_at_once(20, guess))
    assert found == {"proofs.wrong": 5, "factor.locked": 15}
    assert factor_state(person).wrong == (5 if password == PASSWORD else 0)


@pytest.mark.django_db(transaction=True)
def test_one_code_sent_at_once_proves_once() -> None:
    person = make_person()
    code = app_code(enrol_authenticator(user=person).secret)
    found = codes_of(
        all_at_once(4, lambda _number: prove_anew(user=person, password=PASSWORD, code=code))
    )
    assert found == {"": 1, "proofs.wrong": 3}
