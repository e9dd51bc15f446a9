"""The demo people: made once, with money that is in the books, and printed at every start."""

from __future__ import annotations

from io import StringIO
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.test import Client

from accounts.cases.models import Case
from accounts.cases.states import CaseState
from accounts.factors.selectors import get_authenticator
from accounts.users.models import User
from accounts.users.selectors import find_user_by_phone
from payments.processing.models import Payment
from payments.wallets.models import Wallet
from payments.wallets.selectors import get_wallet_for, wallet_balance
from tests.cast import prove_the_books
from walletsite.management.commands import load_demo

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("phones")]


def load() -> str:
    out = StringIO()
    call_command("load_demo", stdout=out)
    return out.getvalue()


def test_there_are_no_demo_people_outside_demo_mode(settings: Any) -> None:
    settings.DEMO_MODE = False
    with pytest.raises(CommandError):
        load()
    assert not User.objects.exists()


def test_demo_people_are_made_once_and_printed_every_time(settings: Any) -> None:
    settings.DEMO_MODE = True
    first = load()
    made = (User.objects.count(), Wallet.objects.count(), Payment.objects.count())
    assert made == (7, 4, 11)
    ends = Payment.objects.filter(kind="withdrawal").order_by("pk")
    assert list(ends.values_list("state", flat=True)) == [
        "succeeded",
        "succeeded",
        "failed",
        "processing",
    ]
    agent = find_user_by_phone("+8613800000009")
    assert agent is not None
    assert agent.is_staff
    key = get_authenticator(agent)
    second = load()
    assert (User.objects.count(), Wallet.objects.count(), Payment.objects.count()) == made
    assert get_authenticator(agent) == key
    for output in (first, second):
        assert "13800000001" in output
        assert "quiet-river-27" in output
        assert output.count("otpauth://totp/") == 4
    lin = find_user_by_phone("+8613800000001")
    assert lin is not None
    assert wallet_balance(get_wallet_for(lin)).available_minor == 4_343_53
    prove_the_books()


def test_a_load_that_was_cut_short_goes_on(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    settings.DEMO_MODE = True

    def die(*_args: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(load_demo, "_transfer", die)
        with pytest.raises(KeyboardInterrupt):
            load()
    assert Payment.objects.count() == 2
    load()
    assert Payment.objects.count() == 11
    case = Case.objects.get()
    assert (case.state, case.messages.count()) == (CaseState.WAITING_FOR_CUSTOMER, 2)
    prove_the_books()


def test_an_older_demo_gets_the_people_it_lacks(
    settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.DEMO_MODE = True
    with monkeypatch.context() as patch:
        patch.setattr(load_demo, "STAFF", (load_demo.AGENT, load_demo.OPERATOR))
        assert load().count("otpauth://totp/") == 2
    assert load().count("otpauth://totp/") == 4


@pytest.mark.parametrize(
    ("proposes", "decides", "may_make", "may_check"),
    [
        (load_demo.AGENT, load_demo.LEAD, "propose_support", "decide_support"),
        (load_demo.OPERATOR, load_demo.CHECKER, "propose_money", "decide_money"),
    ],
)
def test_of_everything_that_takes_two_the_demo_has_both(
    settings: Any, proposes: Any, decides: Any, may_make: str, may_check: str
) -> None:
    settings.DEMO_MODE = True
    load()
    maker, checker = (find_user_by_phone(f"+86{each.phone}") for each in (proposes, decides))
    assert maker is not None and checker is not None
    assert maker.has_perm(f"accounts.{may_make}")
    assert checker.has_perm(f"accounts.{may_check}")


def test_a_demo_customer_signs_in_with_the_printed_password(client: Client, settings: Any) -> None:
    settings.DEMO_MODE = True
    load()
    sent = {"phone": "13800000001", "password": "quiet-river-27"}
    response = client.post("/sign-in/", sent)
    assert response.status_code == 302
    assert client.get("/home/").status_code == 200
