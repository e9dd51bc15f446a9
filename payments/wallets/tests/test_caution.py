"""After a risky change less may leave, whatever happens at once; the pages say why and until when."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from uuid import uuid4

import pytest
import time_machine
from django.conf import settings
from django.test import Client
from django.utils import translation

from accounts.caution.services import begin_caution
from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.retries import in_one_transaction
from payments.processing.services import stop_payment
from payments.processing.tests.people import compose, confirm, money_of
from payments.transfers.batch.forecast import list_obstacles
from payments.transfers.batch.tests.builders import text_for, uploaded
from payments.transfers.services import compose_transfer
from payments.transfers.standing_orders.running import run_standing_orders
from payments.transfers.standing_orders.tests import orders
from payments.wallets.errors import LimitDay, LimitSingle, moment_text
from payments.wallets.limits import use_limits
from payments.wallets.models import LimitUsage
from payments.wallets.own_limits import Wishes, set_own_limits
from payments.wallets.selectors import get_wallet_for, limit_state
from payments.wallets.services import set_wallet_class
from tests.cast import prove_the_books, wallet_with
from tests.race import all_at_once, codes_of

DAY = settings.CAUTION["day_minor"]


@pytest.fixture
def payer(alice: User, bob: User) -> User:
    wallet_with(alice, "5000.00")
    wallet_with(bob)
    return alice


@pytest.mark.django_db
def test_one_payment_is_held_down_whenever_it_was_composed(payer: User, bob: User) -> None:
    before = compose(payer, bob, "500.01")
    caution = begin_caution(user=payer, why="phone_changed")
    for act in (lambda: confirm(before), lambda: compose(payer, bob, "500.01")):
        with pytest.raises(LimitSingle) as refused:
            act()
        with translation.override("en"):
            said = str(refused.value.message)
            assert moment_text(caution.until) in said
            assert "your phone number was changed" in said
    confirm(compose(payer, bob, "500.00"))
    assert money_of(bob) == 500_00
    prove_the_books()


@pytest.mark.django_db(transaction=True)
def test_a_day_is_held_down_under_any_parallelism(payer: User, bob: User) -> None:
    payments = [compose(payer, bob, "400.00") for _ in range(6)]
    begin_caution(user=payer, why="login_password_reset")

    outcomes = all_at_once(6, lambda number: confirm(payments[number]))

    assert money_of(bob) == 800_00, "more than the day's small change left"
    assert codes_of(outcomes)["limit.day"] == 4
    prove_the_books()


@pytest.mark.django_db
def test_narrower_own_limits_still_hold_and_wide_classes_are_held_down(payer: User) -> None:
    wallet = get_wallet_for(payer)
    set_wallet_class(wallet=wallet, wallet_class="I")
    set_own_limits(wallet=wallet, by=payer, wishes=Wishes(single=100_00))
    begin_caution(user=payer, why="factor_removed")

    state = limit_state(get_wallet_for(payer))
    assert (state.single, state.day) == (100_00, DAY)
    assert state.own == {"single"} and state.lowered and state.lowered.rules == {"day"}


@pytest.mark.django_db
def test_it_is_over_when_it_is_over(payer: User, bob: User) -> None:
    caution = begin_caution(user=payer, why="payment_password_reset")
    with pytest.raises(LimitSingle):
        compose(payer, bob, "900.00")
    with time_machine.travel(caution.until, tick=False):
        confirm(compose(payer, bob, "900.00"))
    assert money_of(bob) == 900_00
    prove_the_books()


@pytest.mark.django_db
def test_a_file_read_before_is_refused_as_a_whole_and_says_why(payer: User, bob: User) -> None:
    batch = uploaded(payer, text_for([bob], "600.00"))
    assert list_obstacles(batch, batch.wallet) == []
    caution = begin_caution(user=payer, why="phone_changed")
    with translation.override("en"):
        said = " ".join(str(each) for each in list_obstacles(batch, batch.wallet))
    assert "500.00" in said and moment_text(caution.until) in said


@pytest.mark.django_db
def test_a_planned_date_is_held_to_it_and_tried_again(payer: User, bob: User) -> None:
    with time_machine.travel(orders.NOW, tick=False) as clock:
        order = orders.in_force(payer, bob, amount="600.00", start="2027-01-21", repeats="once")
        clock.move_to(order.next_due_at)
        begin_caution(user=payer, why="login_password_reset", seconds=3600)
        run_standing_orders()
        assert orders.runs_of(order) == [("2027-01-21", "waiting", "limit.single")]
        clock.shift(2 * 3600 + 1)
        run_standing_orders()
        assert orders.runs_of(order) == [("2027-01-21", "paid", "")]
    assert money_of(bob) == 600_00
    prove_the_books()


@pytest.mark.django_db
def test_what_left_before_does_not_count_and_midnight_renews_nothing(
    payer: User, bob: User
) -> None:
    with time_machine.travel(datetime(2027, 1, 20, 12, tzinfo=UTC), tick=False) as clock:
        confirm(compose(payer, bob, "1500.00"))
        begin_caution(user=payer, why="login_password_changed")
        for _ in range(2):
            confirm(compose(payer, bob, "500.00"))
        clock.shift(6 * 3600)  # the next day of the bank, in the same caution
        # Another change renews nothing either.
        caution = begin_caution(user=payer, why="login_password_changed")
        with pytest.raises(LimitDay) as refused:
            compose(payer, bob, "0.01")
        with translation.override("en"):
            assert moment_text(caution.until) in str(refused.value.message)
        clock.move_to(caution.until)
        confirm(compose(payer, bob, "600.00"))
    assert money_of(bob) == 3100_00
    prove_the_books()


@pytest.mark.django_db
def test_a_stopped_transfer_gives_back_what_it_took_and_no_more(payer: User, bob: User) -> None:
    def later(amount: str) -> Payment:
        return compose_transfer(
            user=payer,
            payee_text=str(bob.phone),
            amount_text=amount,
            note="",
            compose_key=uuid4(),
            arrival="7200",
        )

    def left() -> int | None:
        return limit_state(get_wallet_for(payer)).day_left

    before = confirm(later("800.00"))
    begin_caution(user=payer, why="phone_changed")
    during = confirm(later("400.00"))
    assert left() == 600_00
    for payment, rest in ((before, 600_00), (during, 1000_00)):
        in_one_transaction(partial(stop_payment, payment_id=payment.pk, by=payer, reason="test"))
        assert left() == rest
    prove_the_books()


@pytest.mark.django_db
def test_pages_say_it(payer: User, bob: User, client: Client) -> None:
    client.force_login(payer)
    payment = compose(payer, bob, "20.00")
    caution = begin_caution(user=payer, why="support_helped")
    until = moment_text(caution.until).encode()
    # The year's rest of the smallest class is tighter than the day's: the notice stands all the same.
    set_wallet_class(wallet=get_wallet_for(payer), wallet_class="IV")
    wallet = get_wallet_for(payer)
    use_limits(wallet=wallet, state=limit_state(wallet), amount_minor=0)
    LimitUsage.objects.filter(wallet=get_wallet_for(payer), period="year").update(
        used_minor=49_900_00
    )
    for page in ("/home/", "/me/limits/", f"/pay/{payment.public_id}/check/"):
        answer = client.get(page, headers={"accept-language": "en"})
        assert until in answer.content, page
        assert b"support gave you your access back" in answer.content, page
