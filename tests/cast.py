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
from payments.wallets.models import Wallet
from tests.gateways import RecordingGateway, code_in
from tests.planted import plant

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
    phone = f"+86139{next(_serial) + 10_000_000:08d}"
    plant("phone", phone.removeprefix("+86"))
    return phone


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
    plant("login password", password)
    plant("payment password", pin)
    if number:
        plant("name", name)
        plant("ID number", number)
    if phone:
        plant("phone", phone.removeprefix("+86"))
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


def fund(wallet: Wallet, amount: str) -> None:
    """Put money into a wallet as the bank does: "120.00", from the clearing account, through the
    books."""
    from ledger.money import Money
    from ledger.services import post_entry
    from ledger.values import Posting
    from payments.banking.books import clearing_account_id

    post_entry(
        key=f"fund:{wallet.public_id}:{next(_serial)}",
        event="test.fund",
        postings=[
            Posting(
                debit=clearing_account_id(wallet.currency),
                credit=wallet.ledger_account_id,
                amount_minor=Money.parse(amount, wallet.currency).minor,
            )
        ],
    )


def wallet_with(user: User, amount: str = "") -> Wallet:
    """The person's wallet, opened, with this much in it."""
    from payments.wallets.services import open_wallet

    wallet = open_wallet(user=user)
    if amount:
        fund(wallet, amount)
    return wallet


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


@pytest.fixture
def olivia(db: None) -> User:
    """Works in support; signs in with `accounts.signin.tests.doors.sign_in_staff`."""
    return make_staff("Support", phone="+8613600137788")


def make_staff(role: str, phone: str = "") -> User:
    """A member of staff with one role; their authenticator comes with signing in."""
    from django.contrib.auth.models import Group

    from accounts.support.roles import sync_roles

    sync_roles()
    staff = User.objects.create_user(
        phone=phone or make_phone(), password=LOGIN_PASSWORD, is_staff=True
    )
    staff.groups.add(Group.objects.get(name=role))
    return staff
