"""Own limits: lowered at once, raised after proof, and kept whatever happens at once."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import DatabaseError, transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone, translation

from accounts.security.errors import Refusal
from accounts.security.models import SecurityEvent, UserSession
from accounts.users.models import User
from payments.processing.tests.people import compose, confirm, money_of
from payments.wallets.errors import LimitDay, LimitDayCount, LimitSingle, OwnLimitTooWide
from payments.wallets.forecast import forecast_payment
from payments.wallets.models import OwnLimits
from payments.wallets.own_limits import Wishes, current_wishes, set_own_limits
from payments.wallets.selectors import get_wallet_for, limit_state
from payments.wallets.services import set_wallet_class
from tests.cast import prove_the_books, wallet_with
from tests.race import all_at_once, codes_of

pytestmark = pytest.mark.django_db

PAGE = "/me/limits/"


def wish(user: User, **limits: int) -> None:
    set_own_limits(wallet=get_wallet_for(user), by=user, wishes=Wishes(**limits))


@pytest.fixture
def payer(alice: User, bob: User) -> User:
    wallet_with(alice, "1000.00")
    wallet_with(bob)
    return alice


@pytest.mark.parametrize(
    ("limits", "refusal"),
    [
        ({"single": 9_99}, LimitSingle),
        ({"day": 15_00}, LimitDay),
        ({"day_count": 1}, LimitDayCount),
    ],
)
def test_a_lowered_limit_holds_and_says_whose_it_is(
    payer: User, bob: User, limits: dict[str, int], refusal: type[Refusal]
) -> None:
    waiting = compose(payer, bob, "10.00")
    if "single" not in limits:
        confirm(compose(payer, bob, "10.00"))
    wish(payer, **limits)
    for act in (lambda: compose(payer, bob, "10.00"), lambda: confirm(waiting)):
        with pytest.raises(refusal) as refused:
            act()
        with translation.override("en"):
            assert "You set this limit yourself" in str(refused.value.params["more"])
    prove_the_books()


def test_own_limits_only_narrow_those_of_the_class(payer: User) -> None:
    with pytest.raises(OwnLimitTooWide):
        wish(payer, day=10_000_01)
    wish(payer, day=10_000_00, single=50_00)
    state = limit_state(get_wallet_for(payer))
    assert (state.single, state.day, state.own) == (50_00, 10_000_00, frozenset({"single"}))
    # A class that falls below the wish rules again.
    set_wallet_class(wallet=get_wallet_for(payer), wallet_class="IV")
    state = limit_state(get_wallet_for(payer))
    assert (state.single, state.day, state.own) == (50_00, 5_000_00, frozenset({"single"}))


def test_what_was_set_stays_on_record(payer: User) -> None:
    wish(payer, day=50_00)
    wish(payer, day=80_00)
    kinds = SecurityEvent.objects.filter(user=payer, kind__startswith="wallet.limits")
    assert list(kinds.order_by("pk").values_list("kind", flat=True)) == [
        "wallet.limits_lowered",
        "wallet.limits_raised",
    ]
    first = OwnLimits.objects.earliest("pk")
    with pytest.raises(DatabaseError), transaction.atomic():
        OwnLimits.objects.filter(pk=first.pk).update(day_minor=None)
    with pytest.raises(DatabaseError), transaction.atomic():
        first.delete()


@pytest.mark.parametrize(
    ("before", "after", "is_raise"),
    [
        (Wishes(), Wishes(single=1), False),
        (Wishes(single=1), Wishes(), True),
        (Wishes(single=2, day=9), Wishes(single=1, day=9), False),
        (Wishes(single=2, day=9), Wishes(single=1, day=10), True),
        (Wishes(day_count=3), Wishes(day_count=3), False),
    ],
)
def test_wider_in_any_of_the_three_is_a_raise(
    before: Wishes, after: Wishes, is_raise: bool
) -> None:
    assert after.raises(before) is is_raise


def test_the_page_lowers_at_once_and_raises_after_proof(client: Client, payer: User) -> None:
    client.force_login(payer)
    assert client.get(PAGE).status_code == 200
    assert client.post(PAGE, {"single": "20.00", "day": "", "day_count": "5"}).status_code == 302
    assert current_wishes(get_wallet_for(payer)) == Wishes(single=20_00, day_count=5)

    answer = client.post(PAGE, {"single": "30.00", "day": "", "day_count": "5"})
    assert answer.headers["Location"].startswith(reverse("factors:step_up"))
    assert current_wishes(get_wallet_for(payer)).single == 20_00
    back = client.get(f"{PAGE}?single=30.00&day=&day_count=5").content.decode()
    assert 'value="30.00"' in back

    UserSession.objects.filter(user=payer).update(proved_at=timezone.now())
    assert client.post(PAGE, {"single": "30.00", "day": "", "day_count": "5"}).status_code == 302
    assert current_wishes(get_wallet_for(payer)).single == 30_00


@pytest.mark.parametrize(
    "typed",
    [
        {"single": "-1"},
        {"single": "0"},
        {"day": "1e3"},
        {"day": "10000.01"},
        {"day_count": "0"},
        {"day_count": "1.5"},
        {"day_count": "abc"},
        {"day_count": "99999999999999999999"},
    ],
)
def test_the_page_says_what_is_wrong_and_keeps_what_was_typed(
    client: Client, payer: User, typed: dict[str, str]
) -> None:
    client.force_login(payer)
    answer = client.post(PAGE, typed)
    assert answer.status_code == 422
    (value,) = typed.values()
    assert f'value="{value}"' in answer.content.decode()
    assert not OwnLimits.objects.exists()


def test_the_check_page_tells_what_is_left_before_the_password(
    client: Client, payer: User, bob: User
) -> None:
    set_wallet_class(wallet=get_wallet_for(payer), wallet_class="IV")
    payment = compose(payer, bob, "800.00")
    client.force_login(payer)
    with translation.override("en"):
        client.cookies["wallet-language"] = "en"
        page = client.get(reverse("processing:check", args=[payment.public_id])).content.decode()
    assert "Leaves ¥4,200.00 today" in page
    assert "Class III raises it" in page


def test_the_forecast_names_the_tightest_and_the_few_payments_left(
    payer: User, bob: User, settings: Any
) -> None:
    wallet = get_wallet_for(payer)
    settings.LIMITS = {
        **settings.LIMITS,
        "III": settings.LIMITS["III"] | {"year": 900_00, "day_count": 3},
    }
    with translation.override("en"):
        forecast = forecast_payment(wallet=wallet, amount_minor=100_00)
        assert forecast is not None
        assert forecast.leaves == "Leaves ¥800.00 this year; 2 more payments today"
        set_wallet_class(wallet=wallet, wallet_class="I")
        assert forecast_payment(wallet=get_wallet_for(payer), amount_minor=100_00) is None


@pytest.mark.django_db(transaction=True)
def test_twenty_at_once_share_what_own_limits_leave(payer: User, bob: User) -> None:
    payments = [compose(payer, bob, "10.00") for _number in range(20)]
    wish(payer, day=100_00, day_count=7)
    results = all_at_once(20, lambda number: confirm(payments[number]))
    assert codes_of(results) == {"": 7, "limit.day_count": 13}
    assert money_of(bob) == 70_00
    prove_the_books()
