"""Questions for the support desk: from real records, with answers that could as well be right."""

from __future__ import annotations

from uuid import uuid4

import pytest

from accounts.users.models import User
from payments.banking.tests.builders import link_card
from payments.processing.services import confirm_payment
from payments.records.questions import _others_like, questions_about
from payments.transfers.services import compose_transfer
from tests.cast import PAYMENT_PASSWORD, prove_the_books, wallet_with

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("phones")]


def test_what_is_asked_is_true_and_says_nothing_of_the_balance(alice: User, bob: User) -> None:
    assert questions_about(bob) == []
    wallet_with(bob)
    wallet_with(alice, "812.35")
    card = link_card(alice)
    payment = compose_transfer(
        user=alice, payee_text=str(bob.phone), amount_text="41.20", note="", compose_key=uuid4()
    )
    confirm_payment(payment=payment, raw_payment_password=PAYMENT_PASSWORD)
    asked = {question.key: question for question in questions_about(alice)}
    assert set(asked) == {"last.transfer", "card"}
    assert "41.20" in asked["last.transfer"].right
    assert asked["card"].right == card.last4
    for question in asked.values():
        assert len({question.right, *question.wrong}) == 4
        assert not any("812.35" in choice or "771.15" in choice for choice in question.wrong)
    prove_the_books()


@pytest.mark.parametrize("right", [1, 7, 250, 41_20, 200_00, 1_000_00, 123_456_78])
def test_decoys_are_as_round_and_the_right_one_is_nowhere_in_particular(right: int) -> None:
    ranks = set()
    for _number in range(60):
        others = _others_like(right)
        assert len(others) == 3
        assert right not in others
        assert min(others) > 0
        for unit in (10, 1_00, 10_00, 100_00):
            if right % unit == 0:
                assert all(other % unit == 0 for other in others)
        ranks.add(sorted([right, *others]).index(right))
    assert len(ranks) > 1 or right < 10
