"""What people type while opening a wallet stays out of logs and of every table."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.hashers import make_password
from django.db import connection

from accounts.identity.vault import encrypt
from accounts.payment_password.services import matches_any
from accounts.signup import services
from accounts.signup.models import Application
from accounts.signup.tasks import clear_old_applications
from accounts.signup.tests.steps import Opening
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, make_phone, read_code
from tests.limits import with_limits
from tests.race import all_at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


def everything_stored() -> str:
    """The whole database as text."""
    texts: list[str] = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')  # nosec B608
            texts.extend(str(row) for row in cursor.fetchall())
    return "\n".join(texts)


def test_secrets_are_in_no_table_and_no_log(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("DEBUG", logger="accounts")
    caplog.set_level("DEBUG", logger="celery")
    opening = Opening().up_to_code()
    opening.set_passwords(login_password="x")
    code = read_code(opening.phone)
    opening.type_code("000000")
    opening.type_code(code)
    assert User.objects.count() == 1
    stored = everything_stored()
    for secret in (opening.id_number, "陈思远", PAYMENT_PASSWORD, LOGIN_PASSWORD):
        assert secret not in stored
        assert secret not in caplog.text
    assert f"'{code}'" not in stored
    assert code not in caplog.text


def test_answers_are_forgotten_after_a_day() -> None:
    opening = Opening().up_to_code()
    assert clear_old_applications() == 0
    Application.objects.update(expires_at=Application.objects.get().created_at)
    assert opening.client.get("/open/code/")["Location"] == "/open/"
    assert clear_old_applications() == 1


@pytest.mark.django_db(transaction=True)
def test_the_last_step_ten_times_at_once_makes_one_person(settings: Any) -> None:
    opening = Opening().up_to_code()
    code = read_code(opening.phone)
    cookie = opening.client.cookies["wallet"].value

    def send(_number: int) -> int:
        other = Opening(phone=opening.phone)
        other.client.cookies["wallet"] = cookie
        return int(other.type_code(code).status_code)

    answers = all_at_once(10, send)
    assert set(answers) == {302}
    assert User.objects.count() == 1


@pytest.fixture
def hashed(monkeypatch: pytest.MonkeyPatch) -> list[bool]:
    """For each slow hash: whether it was made while a transaction was open."""
    found: list[bool] = []

    def noted(real: Any) -> Any:
        def act(*args: Any, **kwargs: Any) -> Any:
            found.append(connection.in_atomic_block)
            return real(*args, **kwargs)

        return act

    for name in ("matches_any", "check_password", "seal", "make_password"):
        monkeypatch.setattr(services, name, noted(getattr(services, name)))
    return found


@pytest.mark.django_db(transaction=True)
def test_answers_are_hashed_only_when_they_change_and_never_under_a_lock(
    hashed: list[bool],
) -> None:
    opening = Opening().up_to_code()
    hashed.clear()
    # The same once more, and other than who they are about: nothing to compare with.
    assert opening.tell_person().status_code == 302
    assert not hashed
    assert opening.tell_person(phone=make_phone()).status_code == 302
    assert opening.set_passwords().status_code == 302
    assert hashed and not any(hashed)


@pytest.mark.django_db(transaction=True)
def test_passwords_that_another_tab_sets_while_answers_are_looked_at_are_asked_for_again(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opening = Opening().up_to_code()
    real = matches_any

    def meanwhile(**facts: Any) -> bool:
        Application.objects.update(login_password="set by another tab")
        return real(**facts)

    monkeypatch.setattr(services, "matches_any", meanwhile)
    assert opening.tell_person(phone=make_phone())["Location"] == "/open/passwords/"
    assert Application.objects.get().login_password == ""


@pytest.mark.django_db(transaction=True)
def test_passwords_are_compared_with_the_answers_as_they_are(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    opening = Opening()
    opening.tell_person()
    real = make_password

    def meanwhile(raw: str) -> str:
        # Another tab gives the number that this password is.
        Application.objects.update(phone_encrypted=encrypt(f"+8613800{PAYMENT_PASSWORD}"))
        return real(raw)

    monkeypatch.setattr(services, "make_password", meanwhile)
    assert opening.set_passwords()["Location"] == "/open/"
    assert Application.objects.get().payment_password_hash == ""


def test_answers_are_counted_by_address(settings: Any) -> None:
    with_limits(settings, "sign_up.answers", address=[(3, 60)])
    opening = Opening()
    said = [opening.tell_person().status_code, opening.tell_phone().status_code]
    said += [opening.tell_person().status_code for _again in range(2)]
    assert said == [302, 302, 302, 429]
    # A form with a slip in it costs nothing.
    assert opening.tell_person(phone="").status_code == 422


@pytest.mark.django_db(transaction=True)
def test_twenty_browsers_asking_for_one_number_send_one_code() -> None:
    phone = make_phone()
    openings = [Opening(phone=phone) for _browser in range(20)]
    for opening in openings:
        opening.tell_person()
    answers = all_at_once(20, lambda number: openings[number].set_passwords().status_code)
    assert set(answers) == {302}
    assert (
        sum("codes used" in one.client.get("/open/code/").content.decode() for one in openings) == 1
    )
