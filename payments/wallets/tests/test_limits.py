"""The limits of a wallet class: each rule by name, what is left, and when it clears."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

import pytest
import time_machine
from django.utils import translation

from accounts.security.errors import Refusal
from accounts.users.models import User
from payments.processing.tests.people import compose, confirm, money_of
from payments.wallets.models import Wallet
from payments.wallets.selectors import limit_state
from payments.wallets.services import set_wallet_class
from tests.cast import make_customer, prove_the_books, wallet_with

pytestmark = pytest.mark.django_db

SHANGHAI = ZoneInfo("Asia/Shanghai")
NOON = datetime(2026, 11, 23, 12, tzinfo=SHANGHAI)


def change_limits(settings: Any, wallet_class: str, **rules: int | None) -> None:
    """Give a class other numbers for one test."""
    settings.LIMITS = {
        **settings.LIMITS,
        wallet_class: {**settings.LIMITS[wallet_class], **rules},
    }


def refusal_of(payer: User, payee: User, amount: str) -> Refusal:
    with pytest.raises(Refusal) as refusal:
        compose(payer, payee, amount)
    return refusal.value


@pytest.fixture
def pair(alice: User, bob: User) -> tuple[User, User]:
    wallet_with(alice, "20000.00")
    wallet_with(bob)
    return alice, bob


def test_one_payment_above_the_single_limit_is_refused(pair: tuple[User, User]) -> None:
    refusal = refusal_of(*pair, "5000.01")

    assert refusal.code == "limit.single"
    with translation.override("en"):
        assert "¥5,000.00 at most" in refusal.message and "Nothing was charged" in refusal.message
    assert confirm(compose(*pair, "5000.00")).state == "succeeded"
    prove_the_books()


def test_the_day_limit_names_what_is_left_and_when_it_clears(pair: tuple[User, User]) -> None:
    with time_machine.travel(NOON, tick=False), translation.override("en"):
        confirm(compose(*pair, "5000.00"))
        confirm(compose(*pair, "4700.00"))

        refusal = refusal_of(*pair, "300.01")

        assert refusal.code == "limit.day"
        assert refusal.params == {
            "left": "¥300.00",
            "most": "¥10,000.00",
            "clears": "2026-11-24 00:00",
            "more": "Class II raises it: add a bank card of your own.",
        }
        confirm(compose(*pair, "300.00"))
    prove_the_books()


def test_the_day_begins_at_midnight_in_the_zone_of_the_bank(
    pair: tuple[User, User], settings: Any
) -> None:
    change_limits(settings, "III", day=100_00)
    just_before = datetime(2026, 11, 23, 23, 59, 59, tzinfo=SHANGHAI)
    with time_machine.travel(just_before, tick=False):
        confirm(compose(*pair, "100.00"))
        assert refusal_of(*pair, "0.01").code == "limit.day"
    with time_machine.travel(just_before + timedelta(seconds=1), tick=False):
        assert confirm(compose(*pair, "100.00")).state == "succeeded"
    prove_the_books()


def test_a_payment_prepared_before_midnight_counts_for_the_day_it_is_made(
    pair: tuple[User, User], settings: Any
) -> None:
    change_limits(settings, "III", day=100_00)
    with time_machine.travel(datetime(2026, 11, 23, 23, 55, tzinfo=SHANGHAI), tick=False):
        confirm(compose(*pair, "60.00"))
        late = compose(*pair, "40.00")
    with time_machine.travel(datetime(2026, 11, 24, 0, 1, tzinfo=SHANGHAI), tick=False):
        assert confirm(late).state == "succeeded"
        state = limit_state(Wallet.objects.get(owner=pair[0]))
    assert (state.day_used, state.year_used) == (40_00, 100_00)


def test_the_year_limit_names_what_is_left_and_when_it_clears(bob: User, settings: Any) -> None:
    change_limits(settings, "IV", year=150_00)
    payer = make_customer(id_number="")
    wallet_with(payer, "500.00")
    wallet_with(bob)
    with time_machine.travel(NOON, tick=False):
        confirm(compose(payer, bob, "100.00"))
        refusal = refusal_of(payer, bob, "50.01")
    assert refusal.code == "limit.year"
    assert refusal.params["left"] == "¥50.00"
    assert refusal.params["clears"] == "2027-01-01 00:00"
    prove_the_books()


def test_the_number_of_payments_in_a_day_is_limited(pair: tuple[User, User], settings: Any) -> None:
    change_limits(settings, "III", day_count=2)
    for _ in range(2):
        confirm(compose(*pair, "1.00"))

    assert refusal_of(*pair, "1.00").code == "limit.day_count"
    prove_the_books()


def test_limits_decide_again_when_the_payment_is_made(pair: tuple[User, User]) -> None:
    payments = [compose(*pair, "5000.00") for _ in range(3)]
    for payment in payments[:2]:
        confirm(payment)

    with pytest.raises(Refusal) as refusal:
        confirm(payments[2])

    assert refusal.value.code == "limit.day"
    assert refusal.value.params["left"] == "¥0.00"
    assert money_of(pair[0]) == 10_000_00
    prove_the_books()


def test_a_class_lowered_between_the_steps_counts(alice: User, bob: User) -> None:
    wallet = wallet_with(alice, "5000.00")
    wallet_with(bob)
    payment = compose(alice, bob, "3000.00")
    set_wallet_class(wallet=wallet, wallet_class="IV")

    with pytest.raises(Refusal) as refusal:
        confirm(payment)

    assert refusal.value.code == "limit.single"
    prove_the_books()


def test_the_highest_class_has_no_limits(alice: User, bob: User) -> None:
    payee = wallet_with(bob)
    payer = wallet_with(alice)
    for wallet in (payer, payee):
        set_wallet_class(wallet=wallet, wallet_class="I")
    wallet_with(alice, "9000000.00")

    assert confirm(compose(alice, bob, "9000000.00")).state == "succeeded"
    assert limit_state(Wallet.objects.get(pk=payer.pk)).most_now is None
    prove_the_books()


def test_a_full_payee_is_refused_without_saying_what_they_have(alice: User) -> None:
    payee = make_customer(id_number="")
    wallet_with(payee, "9990.00")
    wallet_with(alice, "100.00")

    payment = confirm(compose(alice, payee, "20.00"))

    assert (payment.state, payment.failure_code) == ("failed", "limit.balance")
    assert payment.failure_params == {}
    assert money_of(alice) == 100_00
    state = limit_state(Wallet.objects.get(owner=alice))
    assert (state.day_used, state.day_count_used) == (0, 0)
    prove_the_books()
