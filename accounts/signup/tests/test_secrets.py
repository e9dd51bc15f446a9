"""What people type while opening a wallet stays out of logs and of every table."""

from __future__ import annotations

from typing import Any

import pytest
from django.apps import apps
from django.db import connection

from accounts.signup.models import Application
from accounts.signup.tasks import clear_old_applications
from accounts.signup.tests.steps import Opening
from accounts.users.models import User
from tests.cast import LOGIN_PASSWORD, PAYMENT_PASSWORD, make_phone, read_code
from tests.race import all_at_once

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


def everything_stored() -> str:
    """The whole database as text."""
    texts: list[str] = []
    with connection.cursor() as cursor:
        for model in apps.get_models(include_auto_created=True):
            cursor.execute(f'SELECT * FROM "{model._meta.db_table}"')
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
