"""The people of the tests, made only through services. Fixtures come from here by `conftest.py`.

alice and bob are customers with name and ID number, mallory wishes them ill, olivia works in
support. Everybody's passwords are the same; they are nobody's secret.
"""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest
from stdnum.cn import ric

from accounts.phone.outbox import deliver_due
from accounts.signup.people import create_customer
from accounts.users.models import User
from tests.gateways import RecordingGateway, code_in

LOGIN_PASSWORD = "a quiet river 27"
PAYMENT_PASSWORD = "739164"
OTHER_PAYMENT_PASSWORD = "402867"
_serial = count(100)


def make_id_number(born: str = "19900307", place: str = "310101", serial: str = "") -> str:
    """A valid ID number that nobody in this test has yet; `serial` (3 digits) makes it a certain
    one."""
    body = f"{place}{born}{serial or f'{next(_serial) % 900 + 100:03d}'}"
    return body + str(ric.calc_check_digit(body + "0"))


def make_phone() -> str:
    """A mobile number that nobody in this test has yet."""
    return f"+86139{next(_serial) + 10_000_000:08d}"


def make_customer(
    name: str = "陈思远",
    phone: str = "",
    id_number: str | None = None,
    pin: str = PAYMENT_PASSWORD,
    password: str = LOGIN_PASSWORD,
    **extra: Any,
) -> User:
    """A customer; `id_number=""` makes one who is known by the phone alone."""
    number = make_id_number() if id_number is None else id_number
    return create_customer(
        phone=phone or make_phone(),
        login_password=password,
        payment_password=pin,
        name=name if number else "",
        id_number=number,
        **extra,
    )


def read_sms(phone: str) -> str:
    """The newest text that this phone got, after the sweep has run; empty for none."""
    deliver_due()
    texts = [sms.text for sms in RecordingGateway.sent if sms.phone == phone]
    return texts[-1] if texts else ""


def read_code(phone: str) -> str:
    """The six digits of it."""
    return code_in(read_sms(phone))


def prove_the_books() -> None:
    """Every money test ends with this: recompute the ledger from nothing."""
    from ledger.services import verify_ledger

    report = verify_ledger()
    assert report.ok, report.problems


@pytest.fixture
def phones(settings: Any) -> type[RecordingGateway]:
    """A provider that keeps the messages; read them with `read_sms` and `read_code`."""
    RecordingGateway.forget()
    settings.SMS = {**settings.SMS, "gateway": "tests.gateways.RecordingGateway"}
    return RecordingGateway


@pytest.fixture
def alice(db: None) -> User:
    """A customer."""
    return make_customer("陈思远", phone="+8613800136027")


@pytest.fixture
def bob(db: None) -> User:
    """Another customer."""
    return make_customer("林晓", phone="+8613900134412")


@pytest.fixture
def mallory(db: None) -> User:
    """A customer who wishes the others ill."""
    return make_customer("马洛", phone="+8613700135566")
