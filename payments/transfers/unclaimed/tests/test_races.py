"""Accepting, taking back, declining and returning in the same moment: one of them, once."""

from __future__ import annotations

from datetime import timedelta

import pytest
import time_machine
from django.utils import timezone

from accounts.users.models import User
from payments.processing.models import Payment
from payments.processing.services import stop_payment
from payments.processing.tests.people import confirm, money_of
from payments.transfers.unclaimed.models import UnclaimedTransfer
from payments.transfers.unclaimed.services import claim_transfer, decline_transfer
from payments.transfers.unclaimed.tasks import return_unclaimed
from payments.transfers.unclaimed.tests.builders import PHONE, tomorrow, unclaimed, waiting
from tests.cast import make_customer, prove_the_books, wallet_with
from tests.race import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def test_accepting_taking_back_declining_and_returning_at_once_is_one_end(alice: User) -> None:
    wallet_with(alice, "500.00")
    payments = [waiting(alice) for _ in range(4)]
    newcomer = make_customer("周新", phone=PHONE)
    wallet_with(newcomer)
    for left, payment in zip((380_00, 410_00, 440_00, 470_00), payments, strict=True):
        UnclaimedTransfer.objects.filter(payment=payment).update(
            returns_at=timezone.now() + timedelta(milliseconds=40)
        )

        def act(number: int, payment: Payment = payment) -> None:
            if number % 4 == 0:
                claim_transfer(user=newcomer, public_id=payment.public_id)
            elif number % 4 == 1:
                stop_payment(payment_id=payment.pk, by=alice, reason="back")
            elif number % 4 == 2:
                decline_transfer(user=newcomer, public_id=payment.public_id)
            else:
                return_unclaimed()

        all_at_once(8, act)

        payment.refresh_from_db()
        ends = payment.status_changes.filter(to_state__in=["succeeded", "failed", "cancelled"])
        assert ends.count() == 1
        assert money_of(alice) + money_of(newcomer) == left + 30_00
        if payment.state == "succeeded":
            assert payment.payee_wallet is not None
    prove_the_books()


def test_many_sweeps_return_it_once(alice: User) -> None:
    wallet_with(alice, "100.00")
    payments = [waiting(alice) for _ in range(3)]

    with time_machine.travel(tomorrow(), tick=False):
        returned = all_at_once(4, lambda number: return_unclaimed())

    assert sum(returned) == 3  # type: ignore[arg-type]
    assert money_of(alice) == 100_00
    for payment in payments:
        assert payment.status_changes.filter(to_state="failed").count() == 1
    prove_the_books()


def test_accepting_twenty_times_at_once_pays_once(alice: User) -> None:
    wallet_with(alice, "100.00")
    payment = waiting(alice)
    newcomer = make_customer("周新", phone=PHONE)
    wallet_with(newcomer)

    results = all_at_once(
        20, lambda number: claim_transfer(user=newcomer, public_id=payment.public_id).state
    )

    assert set(results) == {"succeeded"}
    assert (money_of(alice), money_of(newcomer)) == (70_00, 30_00)
    prove_the_books()


def test_confirming_at_once_never_lets_more_wait_than_may(alice: User) -> None:
    wallet_with(alice, "500.00")
    prepared = [unclaimed(alice, "10.00") for _ in range(13)]

    results = all_at_once(13, lambda number: confirm(prepared[number]).state)

    assert results.count("processing") == 10
    assert money_of(alice) == 400_00
    prove_the_books()
