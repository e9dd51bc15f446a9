"""The running totals of payments: each step counted once, however it is folded."""

from __future__ import annotations

import threading

import pytest
from django.db import connection, connections, transaction

from accounts.users.models import User
from payments.processing import tally
from payments.processing.models import PaymentStatusChange, PaymentTally
from payments.processing.services import lock_payment, move_payment
from payments.processing.tally import fold_steps, list_outcomes
from payments.processing.tests.people import compose, confirm
from tests.cast import prove_the_books, wallet_with
from tests.race import all_at_once

pytestmark = pytest.mark.django_db(transaction=True)


def total(state: str) -> tuple[int, int]:
    found = [each for each in list_outcomes() if each.state == state]
    return sum(each.payments for each in found), sum(each.amount_minor for each in found)


def fold_all() -> None:
    # The first look notes a horizon, the second counts up to it.
    for _ in range(4):
        fold_steps()


def folded() -> int:
    return sum(PaymentTally.objects.values_list("payments", flat=True))


def test_totals_are_the_same_before_between_and_after_folding(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    for _ in range(3):
        confirm(compose(alice, bob, "4.00"))
    assert total("succeeded") == (3, 1200)
    fold_all()
    assert folded() == PaymentStatusChange.objects.count() == 9
    assert total("succeeded") == (3, 1200)
    confirm(compose(alice, bob, "1.00"))
    assert total("succeeded") == (4, 1300)
    prove_the_books()


def test_folding_by_many_at_once_counts_each_step_once(alice: User, bob: User) -> None:
    wallet_with(alice, "100.00")
    wallet_with(bob)
    for _ in range(4):
        confirm(compose(alice, bob, "2.00"))
    for _ in range(3):
        all_at_once(6, lambda _: fold_steps())
    assert folded() == PaymentStatusChange.objects.count()
    assert total("succeeded") == (4, 800)


def test_a_stretch_is_bounded_and_the_rest_follows(
    alice: User, bob: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tally, "_STRETCH", 2)
    wallet_with(alice, "100.00")
    wallet_with(bob)
    confirm(compose(alice, bob, "2.00"))
    confirm(compose(alice, bob, "3.00"))
    # Ids go on where the last test ended; each fold takes two of them.
    for _ in range(PaymentStatusChange.objects.latest("pk").pk):
        assert fold_steps() <= 2
    assert folded() == PaymentStatusChange.objects.count()


def test_a_step_that_is_committed_late_is_counted_all_the_same(alice: User, bob: User) -> None:
    """It drew its id before others that were committed earlier."""
    wallet_with(alice, "100.00")
    wallet_with(bob)
    late = compose(alice, bob, "9.00")
    drawn, folding_is_over = threading.Event(), threading.Event()

    def slow() -> None:
        try:
            with transaction.atomic():
                move_payment(lock_payment(late.pk), "cancelled", by=None, reason="late")
                drawn.set()
                folding_is_over.wait(20)
        finally:
            connections.close_all()

    thread = threading.Thread(target=slow)
    thread.start()
    assert drawn.wait(20)
    if connection.vendor == "postgresql":
        # On SQLite everybody else waits for the writer: nothing can overtake it.
        confirm(compose(alice, bob, "1.00"))
        fold_all()
    folding_is_over.set()
    thread.join()
    fold_all()
    assert folded() == PaymentStatusChange.objects.count()
    assert total("cancelled") == (1, 900)
